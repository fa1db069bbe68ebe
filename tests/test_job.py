"""Fingerprints: stored with every job, so that the same content must make the same one in every version."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from ix.database.envelopes import job_of
from ix.job import DocumentRef, Job, Request, Response, Submission

DOCUMENT = DocumentRef(name="a.txt", media_type="text/plain", sha256="0" * 64, size=3)
OPTIONS = {"b": [1, 1.5, 1e300, None, True, "é\u2028"], "a": {"z": {}, "y": []}}


@pytest.mark.parametrize(
    ("fields", "fingerprint"),
    [
        ({"request": Request()}, "e4af521687c32298ce12bc0915aedcf96545535793350a6e684bc3f992b7dd74"),
        (
            {"request": Request(documents=(DOCUMENT,), options=OPTIONS), "callback_url": "https://x.test/"},
            "9a68820fa96025ea554f5bdfe66a0e6e3f1e83e93209f87dafc555079ae10cb5",
        ),
        (
            {"request": Request(), "priority": 5, "run_at": datetime(2027, 1, 2, 3, 4, 5, 678, tzinfo=UTC)},
            "7dff7a5e2d0107013fea0444711fb0cb56369c973cb03a85f1eddb7c821175b9",
        ),
    ],
)
def test_a_stored_fingerprint_is_still_that_of_its_content(fields: dict[str, Any], fingerprint: str) -> None:
    assert Submission(client_id="me", request_id="1", use_case="drill", **fields).fingerprint().hex() == fingerprint


ROW: dict[str, Any] = {
    **dict.fromkeys(("started_at", "finished_at", "callback_url", "callback_status", "run_at", "response", "parent")),
    **dict.fromkeys(("ix_id", "client_id", "request_id", "use_case"), "x"),
    "status": "pending",
    "attempts": 0,
    "priority": 0,
    "created_at": datetime(2026, 1, 2, tzinfo=UTC),
    "request": {},
}


def test_a_job_is_told_of_although_its_request_and_answer_cannot_be_read() -> None:
    job = job_of({**ROW, "request": {"colour": "red"}, "response": {"result": 1, "colour": "red"}, "of no job": 1})
    assert (job.ix_id, job.request) == ("x", Request())
    assert job.response is not None
    assert job.response.error is not None
    assert job.response.error.code == "response_unreadable"
    kept = job_of({**ROW, "request": [1], "response": {"result": 1}})
    assert kept.response == Response(result=1)
    assert job_of(ROW) == Job.model_validate(ROW)


def test_a_job_whose_other_members_cannot_be_read_is_none() -> None:
    with pytest.raises(ValidationError, match="status"):
        job_of({**ROW, "status": "asleep", "request": [1]})
