"""What a callback says, how it is signed, and what follows from its answer."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from ix import callbacks
from ix.job import CallbackStatus, Job, Problem, Request, Response, Status

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def job(**changes: Any) -> Job:
    found = Job(
        ix_id="0" * 16, client_id="acme", request_id="r-1", use_case="receipt", status=Status.DONE, attempts=1,
        created_at=NOW, started_at=NOW, finished_at=NOW, callback_url="http://receiver.test/", callback_status=None,
        request=Request(), response=Response(result={"total": 1}),
    )  # fmt: skip
    return found.model_copy(update=changes)


def test_the_signature_is_the_one_of_the_reference_libraries() -> None:
    """The vector that every library of the specification carries in its tests."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = callbacks.signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_every_valid_secret_signs_and_none_means_no_signature() -> None:
    keys = [b"n" * 32, b"o" * 32]
    headers = callbacks.headers("msg_1", b"{}", keys, NOW.timestamp() + 0.9)
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert headers["webhook-signature"].split() == [
        callbacks.signature(key, "msg_1", int(NOW.timestamp()), b"{}") for key in keys
    ]
    assert "webhook-signature" not in callbacks.headers("msg_1", b"{}", [], 0)


def test_a_new_secret_is_written_as_receivers_read_it() -> None:
    key, written = callbacks.new_secret()
    assert written.startswith("whsec_")
    assert base64.b64decode(written.removeprefix("whsec_")) == key
    assert 24 <= len(key) <= 64


def test_the_body_tells_where_to_read_and_not_the_answer() -> None:
    said = json.loads(callbacks.body(job(), "https://ix.test/"))
    assert (said["type"], said["data"]["url"], said["data"]["error"]) == (
        "job.done",
        f"https://ix.test/jobs/{'0' * 16}",
        None,
    )
    assert said["timestamp"] == "2026-01-02T03:04:05Z"
    assert "response" not in said["data"]
    assert json.loads(callbacks.body(job()))["data"]["url"] == f"/jobs/{'0' * 16}"


def test_an_error_is_said_and_the_body_stays_small() -> None:
    failed = job(
        status=Status.ERROR, response=Response(error=Problem(code="boom", message="x" * 100_000)), client_id="c" * 200
    )
    payload = callbacks.body(failed)
    assert json.loads(payload)["data"]["error"]["code"] == "boom"
    assert len(payload) < 20_000


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_2xx_is_success(status: int) -> None:
    assert callbacks.judge(status, {}, 1).status is CallbackStatus.DELIVERED


@pytest.mark.parametrize("status", [None, 301, 302, 404, 429, 500, 503])
def test_everything_else_is_tried_again_by_the_schedule_and_then_given_up(status: int | None) -> None:
    pauses = []
    for number in range(1, 20):
        verdict = callbacks.judge(status, {}, number)
        if verdict.status is CallbackStatus.FAILED:
            break
        pauses.append(verdict.seconds)
    assert len(pauses) == len(callbacks.SCHEDULE) == 9
    assert all(
        0.9 * planned <= pause <= 1.2 * planned for pause, planned in zip(pauses, callbacks.SCHEDULE, strict=True)
    )


def test_gone_is_believed_at_once() -> None:
    assert callbacks.judge(410, {}, 1).status is CallbackStatus.FAILED


def test_retry_after_is_honoured_but_never_shortens_the_pause() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True)
    assert callbacks.judge(503, {"retry-after": "120"}, 1).seconds == 120
    assert 590 <= callbacks.judge(503, {"retry-after": later}, 1).seconds <= 600
    assert callbacks.judge(503, {"retry-after": "1"}, 2).seconds >= 270
    assert callbacks.judge(503, {"retry-after": "soon"}, 1).seconds <= 6
    assert callbacks.judge(503, {"retry-after": "9" * 12}, 1).seconds <= 86_400
