"""What a subscription takes of the jobs of other use cases than its reader's."""

from __future__ import annotations

from ix.api.live.subscription import Subscription
from ix.api.openapi.examples import HEAD

OTHERS = HEAD.model_copy(update={"ix_id": "0" * 16, "use_case": "invoice"})


def test_a_reader_gets_the_states_of_its_use_cases_only() -> None:
    subscription = Subscription({"receipt"}.__contains__)
    assert subscription.mark_sent([HEAD, OTHERS]) == [HEAD]
    assert subscription.is_for(HEAD.use_case)
    assert not subscription.is_for(OTHERS.use_case)
    assert not subscription.knows(OTHERS.ix_id)
