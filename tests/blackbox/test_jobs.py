"""The design's table of routes, black-box over a real socket."""

from __future__ import annotations

import base64
import json
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

ENVELOPE = {
    "ix_id", "client_id", "request_id", "use_case", "status", "attempts", "created_at", "started_at", "finished_at",
    "callback_url", "callback_status", "priority", "run_at", "parent", "document", "documents", "pages", "headline",
    "error_code", "review", "points", "progress", "request", "response",
}  # fmt: skip


def body(**fields: Any) -> dict[str, Any]:
    return {"client_id": "acme", "request_id": uuid.uuid4().hex, "use_case": "drill", **fields}


def submit(client: httpx.Client, **fields: Any) -> dict[str, Any]:
    answer = client.post("/jobs", json=body(**fields))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def until_running(client: httpx.Client, job: dict[str, Any]) -> None:
    """Returns once an engine runs the job."""
    deadline = time.monotonic() + 20
    while client.get(f"/jobs/{job['ix_id']}").json()["status"] != "running":
        assert time.monotonic() < deadline


class TestSubmit:
    def test_first_is_201_with_location_and_envelope(self, client: httpx.Client) -> None:
        answer = client.post("/jobs", json=body())
        job = answer.json()
        assert answer.status_code == 201
        assert set(job) == ENVELOPE
        assert answer.headers["location"] == f"/jobs/{job['ix_id']}"
        assert client.get(answer.headers["location"]).status_code == 200

    @pytest.mark.parametrize("together", [1, 8])
    def test_its_envelope_is_what_get_shows(self, client: httpx.Client, together: int) -> None:
        said = {"callback_url": "https://hooks.example.com/é", "priority": 3, "run_at": "2199-01-02T03:04:05.678+02:00"}
        more = {
            "options": {"result": {"é\u2028": [1, 1.0, 1e22, -0.0, None, True, "\x7f", {}]}},
            "documents": [{"text": "hello"}],
        }
        with ThreadPoolExecutor(together) as threads:
            made = list(
                threads.map(
                    lambda n: client.post("/jobs", json=body(**said, **(more if n % 2 else {}))), range(together)
                )
            )
        for answer in made:
            assert answer.status_code == 201
            assert answer.json() == client.get(answer.headers["location"]).json()

    def test_again_is_200_with_the_same_job(self, client: httpx.Client) -> None:
        content = body(documents=[{"text": "hello"}])
        first, again = client.post("/jobs", json=content), client.post("/jobs", json=content)
        assert [first.status_code, again.status_code] == [201, 200]
        assert first.json()["ix_id"] == again.json()["ix_id"]

    def test_other_content_under_the_same_key_is_422_and_changes_nothing(self, client: httpx.Client) -> None:
        content = body()
        first = client.post("/jobs", json=content).json()
        clash = client.post("/jobs", json={**content, "options": {"action": "fail"}})
        assert clash.status_code == 422
        assert clash.headers["content-type"] == "application/problem+json"
        assert clash.json()["errors"][0]["field"] == "request_id"
        assert client.get(f"/jobs/{first['ix_id']}").json()["request"] == first["request"]

    def test_documents_stay_out_of_the_envelope(self, client: httpx.Client) -> None:
        job = submit(
            client,
            documents=[{"data": base64.b64encode(b"hello").decode(), "media_type": "text/plain", "name": "a.txt"}],
        )
        assert job["request"]["documents"] == [
            {
                "name": "a.txt",
                "media_type": "text/plain",
                "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "size": 5,
                "url": None,
            }
        ]

    def test_multipart_is_the_same_submission_as_json(self, client: httpx.Client) -> None:
        content = body(options={"seconds": 0})
        fields = {**content, "options": json.dumps(content["options"])}
        form = client.post("/jobs", data=fields, files=[("documents", ("a.txt", b"hello", "text/plain"))])
        document = {"data": base64.b64encode(b"hello").decode(), "media_type": "text/plain", "name": "a.txt"}
        same = client.post("/jobs", json={**content, "documents": [document]})
        assert [form.status_code, same.status_code] == [201, 200], form.text

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"client_id": ""}, "client_id"),
            ({"client_id": None}, "client_id"),
            ({"request_id": "x" * 201}, "request_id"),
            ({"use_case": "nonsense"}, "use_case"),
            ({"options": {"action": "dance"}}, "options.action"),
            ({"documents": [{"text": "a", "data": "YQ=="}]}, "documents.0"),
            ({"documents": [{"data": "no base64!"}]}, "documents.0.data"),
            ({"documents": [{"text": ""}]}, "documents.0"),
            ({"documents": [{"url": "http://127.0.0.1/x.pdf"}]}, "documents.0.url"),
            ({"documents": [{"text": "a"}] * 21}, "documents"),
            ({"callback_url": "http://10.0.0.1/"}, "callback_url"),
            ({"callback_url": "ftp://example.test/"}, "callback_url"),
            ({"surprise": 1}, "surprise"),
            ({"options": {"result": {"a": "nul \x00"}}}, "options.result.a"),
        ],
    )
    def test_bad_fields_are_422_and_named(self, client: httpx.Client, change: dict[str, Any], field: str) -> None:
        answer = client.post("/jobs", json=body(**change))
        assert answer.status_code == 422, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["errors"][0]["field"] == field

    @pytest.mark.parametrize(
        "text",
        [b"", b"{", b"[1,", b'{"a": NaN}', b'{"client_id": "\xff"}', b'{"a": "\\ud800"}', b"[" * 100_000],
        ids=repr,
    )
    def test_no_json_is_400(self, client: httpx.Client, text: bytes) -> None:
        answer = client.post(
            "/jobs", content=text[:20] if len(text) < 20 else text, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400, answer.text

    def test_other_content_types_are_415(self, client: httpx.Client) -> None:
        answer = client.post("/jobs", content=b"<job/>", headers={"content-type": "application/xml"})
        assert answer.status_code == 415

    def test_a_body_beyond_the_cap_is_413_declared_or_not(self, client: httpx.Client) -> None:
        def chunks() -> Any:
            for _ in range(30):
                yield b"x" * 100_000

        declared = client.post("/jobs", content=b"x" * 3_000_000, headers={"content-type": "application/json"})
        streamed = client.post("/jobs", content=chunks(), headers={"content-type": "application/json"})
        form = client.post("/jobs", data=body(), files=[("documents", ("a.bin", b"x" * 3_000_000))])
        assert [declared.status_code, streamed.status_code, form.status_code] == [413, 413, 413]

    def test_a_post_may_wait_for_the_answer(self, client: httpx.Client) -> None:
        answer = client.post("/jobs", json=body(options={"seconds": 0.1}), headers={"prefer": "wait=20"})
        assert answer.status_code == 201
        assert answer.json()["status"] == "done"


class TestRead:
    def test_unknown_is_404(self, client: httpx.Client) -> None:
        assert client.get("/jobs/0000000000000000").status_code == 404
        assert client.get("/jobs/nonsense").status_code == 404
        assert client.get("/jobs/%00").status_code == 404
        assert client.get("/jobs/%ff").status_code == 404

    def test_correlation(self, client: httpx.Client) -> None:
        job = submit(client, request_id="r 1 ä")
        found = client.get("/jobs", params={"client_id": "acme", "request_id": "r 1 ä"})
        other = client.get("/jobs", params={"client_id": "other", "request_id": "r 1 ä"})
        missing = client.get("/jobs", params={"request_id": "r 1 ä"})
        assert found.json()["ix_id"] == job["ix_id"]
        assert [found.status_code, other.status_code, missing.status_code] == [200, 404, 422]
        assert missing.json()["errors"][0]["field"] == "client_id"

    def test_wait_holds_until_the_end(self, client: httpx.Client) -> None:
        job = submit(client, options={"seconds": 0.3, "result": {"answer": 42}})
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
        assert ended["status"] == "done"
        assert ended["attempts"] == 1
        assert ended["response"]["result"]["answer"] == 42
        assert ended["response"]["error"] is None

    def test_wait_ends_when_the_time_is_up(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "sleep", "seconds": 2})
        assert client.get(f"/jobs/{job['ix_id']}", params={"wait": 0.1}).json()["status"] in ("pending", "running")

    @pytest.mark.parametrize("value", ["long", "-1", "nan", "inf", "1e400", ""])
    def test_wait_that_is_no_number_is_422(self, client: httpx.Client, value: str) -> None:
        assert client.get("/jobs/0000000000000000", params={"wait": value}).status_code == 422

    @pytest.mark.parametrize(("action", "code"), [("fail", "drill_failed"), ("raise", "use_case_failed")])
    def test_a_job_that_fails_ends_in_error_with_its_code(self, client: httpx.Client, action: str, code: str) -> None:
        job = submit(client, options={"action": action})
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
        assert ended["status"] == "error"
        assert ended["response"]["error"]["code"] == code


class TestOperations:
    def test_healthz(self, client: httpx.Client) -> None:
        answer = client.get("/healthz")
        assert answer.json() == {"postgres": "ok", "ollama": "off", "ocr": "off"}
        assert answer.status_code == 200

    def test_metrics(self, client: httpx.Client) -> None:
        client.get(f"/jobs/{submit(client)['ix_id']}", params={"wait": 20})
        client.get(f"/jobs/{submit(client, options={'action': 'fail'})['ix_id']}", params={"wait": 20})
        metrics = client.get("/metrics").json()
        assert {"pending", "running", "done_24h", "error_24h", "avg_seconds"} <= set(metrics)
        assert metrics["done_24h"] >= 1
        assert metrics["error_24h"] >= 1
        assert metrics["avg_seconds"]["drill"] >= 0

    @pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("DELETE", "/metrics", 405)])
    def test_what_does_not_exist_is_a_problem_too(
        self, client: httpx.Client, method: str, path: str, status: int
    ) -> None:
        answer = client.request(method, path)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


class TestExtraction:
    def test_text_goes_in_and_sourced_json_comes_out(self, client: httpx.Client) -> None:
        head = "CORNER SHOP LTD\n12 High Street\nLondon N1 4AB\n\nDate: 05/03/2024\n\n"
        text = f"{head}Tea     2.50\nMilk    1.20\n\nTOTAL   3.70\n"
        job = submit(client, use_case="receipt", documents=[{"text": text}])
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 30}).json()
        assert ended["status"] == "done", ended
        result, evidence = ended["response"]["result"], ended["response"]["evidence"]
        assert (result["date"], result["total"]) == ("2024-03-05", 3.7)
        assert evidence["total"]["page"] == 1
        assert evidence["total"]["quote"] == "3.70"
        assert evidence["total"]["boxes"]

    def test_a_document_of_no_known_kind_ends_in_a_named_error(self, client: httpx.Client) -> None:
        data = base64.b64encode(b"\x7fELF\x02\x01\x01" + bytes(100)).decode()
        job = submit(client, use_case="receipt", documents=[{"data": data}])
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 30}).json()
        assert ended["response"]["error"]["code"] == "document_unsupported"


class TestControl:
    def test_cancel_interrupts_a_running_job(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "sleep", "seconds": 3600})
        until_running(client, job)
        cancelled = client.delete(f"/jobs/{job['ix_id']}")
        assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
        assert client.get(f"/jobs/{job['ix_id']}", params={"wait": 5}).json() == cancelled.json()
        assert client.delete(f"/jobs/{job['ix_id']}").json() == cancelled.json()

    def test_a_waiter_hears_of_a_cancellation(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "sleep", "seconds": 3600})
        with ThreadPoolExecutor() as pool:
            waiter = pool.submit(client.get, f"/jobs/{job['ix_id']}", params={"wait": 30})
            client.delete(f"/jobs/{job['ix_id']}")
            assert waiter.result(20).json()["status"] == "cancelled"

    def test_what_has_ended_cannot_be_cancelled_but_tried_again(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "fail"})
        client.get(f"/jobs/{job['ix_id']}", params={"wait": 20})
        assert client.delete(f"/jobs/{job['ix_id']}").status_code == 409
        again = client.post(f"/jobs/{job['ix_id']}/retry")
        assert (again.status_code, again.json()["attempts"]) == (202, 0)
        assert client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()["attempts"] == 1

    def test_what_has_not_ended_cannot_be_tried_again(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "sleep", "seconds": 3600})
        assert client.post(f"/jobs/{job['ix_id']}/retry").status_code == 409
        client.delete(f"/jobs/{job['ix_id']}")

    @pytest.mark.parametrize("value", ["", "banana", "2"])
    def test_erase_that_is_neither_true_nor_false_does_nothing(self, client: httpx.Client, value: str) -> None:
        job = submit(client, run_at="2099-01-01T00:00:00Z")
        answer = client.delete(f"/jobs/{job['ix_id']}", params={"erase": value})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "erase")
        assert client.get(f"/jobs/{job['ix_id']}").json()["status"] == "scheduled"

    def test_erase_leaves_nothing(self, client: httpx.Client) -> None:
        job = submit(client, documents=[{"text": "secret"}])
        assert client.delete(f"/jobs/{job['ix_id']}", params={"erase": "true"}).status_code == 204
        assert client.get(f"/jobs/{job['ix_id']}").status_code == 404
        assert client.delete(f"/jobs/{job['ix_id']}", params={"erase": "true"}).status_code == 404

    @pytest.mark.parametrize(
        ("method", "path"), [("DELETE", "/jobs/{}"), ("POST", "/jobs/{}/retry"), ("DELETE", "/jobs/{}?erase=true")]
    )
    def test_unknown_is_404(self, client: httpx.Client, method: str, path: str) -> None:
        assert [client.request(method, path.format(ix_id)).status_code for ix_id in ("0" * 16, "x", "%00")] == [404] * 3


class TestLists:
    def test_a_clients_jobs_newest_first_page_by_page(self, client: httpx.Client) -> None:
        me = uuid.uuid4().hex
        made = [submit(client, client_id=me)["ix_id"] for _ in range(5)]
        page, seen = client.get("/jobs", params={"client_id": me, "limit": 2}).json(), []
        while True:
            seen += [job["ix_id"] for job in page["jobs"]]
            if page["next"] is None:
                break
            page = client.get(page["next"]).json()
        assert seen == made[::-1]
        assert set(page["jobs"][0]) == ENVELOPE - {"request", "response"}

    def test_several_states_page_by_page(self, client: httpx.Client) -> None:
        me = uuid.uuid4().hex
        later = [submit(client, client_id=me, run_at="2999-01-01T00:00:00Z")["ix_id"] for _ in range(3)]
        assert client.delete(f"/jobs/{later[0]}").json()["status"] == "cancelled"
        asked = {"client_id": me, "status": ["cancelled", "scheduled"], "limit": "2"}
        page = client.get("/jobs", params=asked).json()
        following = client.get(page["next"]).json()
        assert [job["ix_id"] for job in (*page["jobs"], *following["jobs"])] == later[::-1]
        counts = client.get("/jobs/counts", params={"client_id": me}).json()
        assert (counts["status"]["cancelled"], counts["status"]["scheduled"], counts["cap"]) == (1, 2, 10_000)
        assert client.get(f"/jobs/{later[1]}/attempts").json() == {"attempts": []}

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("status=lost", "status"),
            ("status=done&status=lost", "status"),
            ("review=lost", "review"),
            ("q=", "q"),
            ("limit=0", "limit"),
            ("created_after=today", "created_after"),
            ("created_after=0001-01-01T00:00:00%2B14:00", "created_after"),
            ("created_before=5", "created_before"),
            ("color=red", "color"),
        ],
    )
    def test_bad_filters_are_422_and_named(self, client: httpx.Client, query: str, field: str) -> None:
        answer = client.get(f"/jobs?{query}")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["field"] == field


class TestTime:
    def test_a_job_for_later_starts_on_time(self, client: httpx.Client) -> None:
        due = datetime.now(UTC) + timedelta(seconds=1.2)
        job = submit(client, run_at=due.isoformat())
        assert job["status"] == "scheduled"
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
        late = (datetime.fromisoformat(ended["started_at"]) - due).total_seconds()
        assert 0 <= late < 0.5

    def test_an_error_that_may_pass_is_tried_again(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "transient", "attempts": 2})
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
        assert (ended["status"], ended["attempts"]) == ("done", 3)

    def test_and_ends_in_error_when_the_attempts_are_spent(self, client: httpx.Client) -> None:
        job = submit(client, options={"action": "transient"})
        ended = client.get(f"/jobs/{job['ix_id']}", params={"wait": 20}).json()
        assert (ended["status"], ended["attempts"], ended["response"]["error"]["code"]) == (
            "error",
            3,
            "drill_transient",
        )

    @pytest.mark.parametrize(
        ("field", "value"), [("run_at", "tomorrow"), ("run_at", "2026-01-01T00:00:00"), ("priority", 101)]
    )
    def test_bad_times_and_priorities_are_422_and_named(self, client: httpx.Client, field: str, value: Any) -> None:
        answer = client.post("/jobs", json=body(**{field: value}))
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
