"""What a callback says of an approval."""

from __future__ import annotations

import json

from ix import callbacks
from ix.api.openapi.examples import DONE

APPROVAL = {"state": "approved", "by": "Anna", "at": "2026-11-02T14:02:00Z", "note": "", "result": {"total": 20.21}}


def test_an_approval_says_all_that_an_end_says_and_more() -> None:
    ended = json.loads(callbacks.body(DONE, "https://ix.example"))
    approved = json.loads(callbacks.body(DONE, "https://ix.example", APPROVAL))
    assert (approved["type"], approved["timestamp"]) == ("job.approved", "2026-11-02T14:02:00Z")
    assert approved["data"].pop("approval") == APPROVAL
    assert approved["data"] == ended["data"]
    assert "approval" not in ended["data"]
