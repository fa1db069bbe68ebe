"""What running jobs are doing, as engines have told it lately: remembered for lists, stored nowhere."""

from __future__ import annotations

from collections import OrderedDict
from time import monotonic

from ix.job import Doing, JobHead, Progress

REMEMBERED = 2000
"""Running jobs whose last step is remembered."""
FRESH_SECONDS = 15.0
"""How long a step is believed: engines repeat it every 5 s."""


class LastSteps:
    """The last step of each running job that was told of."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, tuple[Progress, float]] = OrderedDict()

    def note(self, progress: Progress) -> None:
        """A job is in a step."""
        self._told[progress.ix_id] = progress, monotonic()
        self._told.move_to_end(progress.ix_id)
        if len(self._told) > REMEMBERED:
            self._told.popitem(last=False)

    def beside(self, head: JobHead) -> JobHead:
        """The head, with what the job is doing where that is known."""
        progress, at = self._told.get(head.ix_id, (None, 0.0))
        if progress is None or not is_current(progress, head) or monotonic() - at > FRESH_SECONDS:
            return head
        doing = Doing(step=progress.step, done=progress.done, of=progress.of)
        return head.model_copy(update={"progress": doing})


def is_current(progress: Progress, head: JobHead) -> bool:
    """Whether the job still is in the attempt that was told of."""
    # a running attempt counts once it has ended
    return head.status == "running" and progress.attempt == head.attempts + 1
