"""What web asks of an answer, past HTTP: limits, and what is kept of an approval."""

from __future__ import annotations

import json
from typing import Any

from ix.extraction.review import judging
from ix.extraction.review.changes import MOST_ENTRIES
from tests.extraction.review.answers import SCHEMA, answer, evidence_of, node

ANSWER: dict[str, Any] = {
    "result": answer(),
    "evidence": evidence_of(answer(), number=node(0.3)),
    "warnings": [],
    "error": None,
}


def asked(entries: list[dict[str, Any]], *changes: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    body = {"do": "review", "bar": 0.6, "shape": None}
    given = json.dumps({"changes": changes}).encode() if changes else b""
    return judging.handle(
        body, [json.dumps(SCHEMA).encode(), json.dumps(ANSWER).encode(), json.dumps(entries).encode(), given]
    )


def test_a_review_has_no_more_changes_than_can_be_made_at_each_look() -> None:
    entries = [{"path": "number", "op": "set", "value": str(at)} for at in range(MOST_ENTRIES)]
    told, _ = asked(entries, {"path": "number", "value": "one more"})
    assert [one["field"] for one in told["refused"]] == ["changes"]
    told, _ = asked(entries[1:], {"path": "number", "value": "the last one"})
    assert told["entries"] == 1


def test_of_an_approval_each_reading_is_kept_with_what_became_of_it() -> None:
    changed = {"path": "number", "op": "set", "value": "B", "was": "A-1"}
    same = {"path": "day", "op": "set", "value": answer()["day"], "was": answer()["day"]}
    added = {"path": "lines", "op": "insert", "row": 0, "value": {"name": "new", "amount": 1.0}}
    _, (_, _, kept) = asked([changed, same, added])
    readings = json.loads(kept)["readings"]
    assert ["number", 0.3, True] in readings
    assert [one[2] for one in readings if one[0] == "day"] == [False]
    # what nobody read is no reading
    assert len([one for one in readings if one[0] == "lines.name"]) == 2
    assert json.loads(kept)["result"]["number"] == "B"


def test_a_result_that_is_too_large_to_be_told_is_left_out() -> None:
    _, (_, _, kept) = asked([{"path": "number", "op": "set", "value": "x" * judging.MOST_TOLD}])
    assert json.loads(kept)["result"] is None
