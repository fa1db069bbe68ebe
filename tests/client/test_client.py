"""The Python client against web and engine as separate processes, and against receivers that misbehave."""

from __future__ import annotations

import base64
import json
import time
import uuid
from pathlib import Path

import pytest

from ix import callbacks
from ix.client import AsyncClient, BadWebhook, Client, ClientError, Conflict, Document, NotFound, verify_webhook
from ix.job import Job, Status
from tests.extraction.locked import PASSWORD, locked
from tests.receiver import receiver, status

ENVELOPE = {
    "ix_id": "0" * 16, "client_id": "c", "request_id": "r", "use_case": "drill", "status": "done", "attempts": 1,
    "created_at": "2026-01-01T00:00:00Z", "started_at": None, "finished_at": None, "callback_url": None,
    "callback_status": None, "request": {}, "response": None,
}  # fmt: skip


def test_files_go_in_and_the_answer_comes_out(ix: Client, tmp_path: Path) -> None:
    file = tmp_path / "receipt.txt"
    file.write_text("CORNER SHOP LTD\nDate: 05/03/2024\nTOTAL 3.70\n")
    job = ix.wait(ix.submit([file], "receipt"), 20)
    assert job.status is Status.DONE
    assert job.response is not None
    assert isinstance(job.response.result, dict)
    assert job.response.result["total"] == 3.7


def test_the_same_content_is_the_same_job(ix: Client) -> None:
    first, again = [ix.submit([("a.txt", b"hello")], "drill", options={"seconds": 0}) for _ in range(2)]
    other = ix.submit([("a.txt", b"hallo")], "drill", options={"seconds": 0})
    assert first.ix_id == again.ix_id != other.ix_id


def test_pages_of_a_document_are_a_part_of_the_content(ix: Client) -> None:
    two = b"TOTAL 1.00\fTOTAL 2.00"
    asked = [Document(("a.txt", two), pages="2"), Document(("b.txt", b"hello"))]
    job, again, other = [
        ix.submit(documents, "receipt") for documents in (asked, asked, [Document(("a.txt", two), pages="1"), asked[1]])
    ]
    assert job.ix_id == again.ix_id != other.ix_id
    assert [one.pages for one in job.request.documents] == ["2", ""]
    answer = ix.wait(job, 20).model_dump(mode="json")["response"]
    assert answer["result"]["total"] == 2
    assert (answer["evidence"]["total"]["document"], answer["evidence"]["total"]["page"]) == (0, 2)
    assert [(one["document"], one["page"]) for one in answer["usage"]["read"]] == [(0, 2), (1, 1)]


def test_a_password_opens_a_document_and_is_asked_for_again(ix: Client) -> None:
    document = Document(("bill.pdf", locked()), password=PASSWORD)
    assert PASSWORD not in repr(document)
    job = ix.wait(ix.submit([document], "receipt"), 20)
    assert job.model_dump(mode="json")["response"]["result"]["total"] == 12.5
    # what is made of a password is no id that anybody may see
    assert ix.submit([document], "receipt").ix_id != job.ix_id
    with pytest.raises(ClientError, match="passwords"):
        ix.retry(job)
    assert ix.wait(ix.retry(job, [PASSWORD]), 20).status is Status.DONE
    asked = {"use_case": "drill", "documents": [{"text": "a", "password": PASSWORD}]}
    one, other = ix.submit_many([asked, asked])
    assert isinstance(one, Job)
    assert isinstance(other, Job)
    assert one.request_id != other.request_id


def test_many_at_once_and_for_each_the_job_or_why_there_is_none(ix: Client) -> None:
    good, bad = {"use_case": "drill", "options": {"result": {"n": 1}}}, {"use_case": "nothing"}
    made, refused, again = ix.submit_many([good, bad, good])
    assert isinstance(made, Job)
    assert isinstance(again, Job)
    assert made.ix_id == again.ix_id
    assert ix.wait(made, 20).status is Status.DONE
    assert isinstance(refused, ClientError)
    assert (refused.status, refused.errors[0]["field"]) == (422, "use_case")
    clash = ix.submit_many([{**good, "request_id": made.request_id, "priority": 1}])[0]
    assert isinstance(clash, Conflict)


def test_find_by_the_clients_own_id(ix: Client) -> None:
    job = ix.submit([], "drill", request_id="order 7")
    assert ix.find("order 7").ix_id == job.ix_id


def test_wait_gives_up_when_its_time_is_up(ix: Client) -> None:
    job = ix.submit([], "drill", options={"action": "sleep", "seconds": 3600})
    assert ix.wait(job, 0.1).status in (Status.PENDING, Status.RUNNING)
    ix.cancel(job)


def test_lists_run_over_pages(ix: Client) -> None:
    made = [ix.submit([], "drill", request_id=str(n)).ix_id for n in range(5)]
    assert [job.ix_id for job in ix.jobs(client_id=ix.find("0").client_id, limit=2)] == made[::-1]


def test_cancel_retry_erase(ix: Client) -> None:
    job = ix.submit([], "drill", options={"action": "sleep", "seconds": 0.1})
    with pytest.raises(Conflict):
        ix.retry(job)
    assert ix.cancel(job).status is Status.CANCELLED
    assert ix.wait(ix.retry(job), 20).status is Status.DONE
    with pytest.raises(Conflict):
        ix.cancel(job)
    ix.erase(job)
    with pytest.raises(NotFound):
        ix.get(job.ix_id)


def test_what_can_be_asked_for(ix: Client) -> None:
    found = {use_case.name: use_case for use_case in ix.use_cases()}
    receipt, custom = found["receipt"], found["custom"]
    assert receipt.result is not None
    assert "total" in receipt.result["properties"]
    assert (receipt.timeout, receipt.max_attempts, custom.result) == (300.0, 3, None)


def test_refusals_come_in_the_services_words(ix: Client) -> None:
    with pytest.raises(ClientError, match="use_case: is unknown") as refused:
        ix.submit([], "nonsense")
    assert (refused.value.status, refused.value.errors[0]["field"]) == (422, "use_case")
    ix.submit([], "drill", request_id="taken")
    with pytest.raises(Conflict):
        ix.submit([], "drill", request_id="taken", options={"action": "fail"})


def test_nobody_there_is_said_after_some_tries() -> None:
    with Client("http://127.0.0.1:9") as client, pytest.raises(ClientError, match="ix up"):
        client.get("0" * 16)


def test_a_blink_is_waited_out() -> None:
    with receiver() as service, Client(f"http://{service.host}") as client:
        service.answers.extend(
            [status(503), status(429, b"", **{"retry-after": "1"}), status(200, json.dumps(ENVELOPE).encode())]
        )
        began = time.monotonic()
        assert client.get("0" * 16).status is Status.DONE
        assert time.monotonic() - began >= 1
        assert len(service.received) == 3


async def test_the_asynchronous_one_does_the_same(service_url: str) -> None:
    async with AsyncClient(service_url, client_id=uuid.uuid4().hex) as client:
        job = await client.submit([("a.txt", b"x")], "drill", options={"action": "sleep", "seconds": 0.1})
        assert (await client.wait(job)).status is Status.DONE
        assert (await client.get(job.ix_id)).attempts == 1
        assert "receipt" in [use_case.name for use_case in await client.use_cases()]
        assert [found.ix_id async for found in client.jobs(client_id=job.client_id)] == [job.ix_id]
        await client.erase(job)
        with pytest.raises(NotFound):
            await client.get(job.ix_id)


class TestWebhooks:
    KEY = b"k" * 32
    SECRET = "whsec_" + base64.b64encode(KEY).decode()
    BODY = b'{"type": "job.done"}'

    def test_a_signed_one_is_read(self) -> None:
        headers = callbacks.headers("msg_1", self.BODY, [b"other" * 6, self.KEY], time.time())
        assert verify_webhook(self.SECRET, headers, self.BODY) == {"type": "job.done"}

    @pytest.mark.parametrize("change", ["body", "secret", "late", "unsigned"])
    def test_anything_else_is_refused(self, change: str) -> None:
        now = time.time() - (400 if change == "late" else 0)
        headers = callbacks.headers("msg_1", self.BODY, [] if change == "unsigned" else [self.KEY], now)
        secret = "whsec_" + base64.b64encode(b"z" * 32).decode() if change == "secret" else self.SECRET
        with pytest.raises(BadWebhook):
            verify_webhook(secret, headers, b"{}" if change == "body" else self.BODY)
