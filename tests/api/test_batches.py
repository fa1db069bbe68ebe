"""Batches and tags over HTTP: what is taken, what is refused, and whose they are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from ix.api.app import create_app
from ix.config import Settings
from ix.database import Database
from ix.database.connect import Pool
from ix.database.keys import Grant
from ix.engine.maintenance.operator import Operator
from tests.api.conftest import client_of
from tests.factories import answer

CALLBACK = "https://hooks.example.com/all"
OF_ACME = {"client_id": "acme"}


@pytest.fixture
def database(pool: Pool) -> Database:
    return Database(pool)


@pytest.fixture
async def client(settings: Settings, pool: Pool) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(settings=settings, pool=pool, probes={})) as client:
        yield client


def job(**fields: Any) -> dict[str, Any]:
    return {"client_id": "acme", "request_id": uuid4().hex, "use_case": "drill", **fields}


async def declare(client: httpx.AsyncClient, **fields: Any) -> httpx.Response:
    return await client.post("/batches", json={"client_id": "acme", "batch_id": "october", **fields})


def at_fault(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 422, answer.text
    return [f"{one['field']}: {one['message']}" for one in answer.json()["errors"]]


class TestBatch:
    async def test_from_its_declaration_to_its_end(self, client: httpx.AsyncClient, database: Database) -> None:
        made = await declare(client, callback_url=CALLBACK)
        assert (made.status_code, made.headers["location"], made.json()["status"]) == (201, "/batches/october", "open")
        submitted = await client.post("/jobs", json=job(batch_id="october"))
        assert submitted.json()["batch_id"] == "october"
        closed = await client.post("/batches/october/close", params=OF_ACME)
        assert (closed.json()["status"], closed.json()["jobs"]["status"]) == ("closed", {"pending": 1})
        [claim] = await database.jobs.claim(uuid4(), 1)
        await database.jobs.mark_done(claim, answer())
        await database.batches.end_ready()
        found = (await client.get("/batches/october", params=OF_ACME)).json()
        assert (found["status"], found["callback_status"], found["jobs"]["total"]) == ("ended", "pending", 1)
        listed = (await client.get("/jobs", params={**OF_ACME, "batch_id": "october"})).json()["jobs"]
        assert [one["ix_id"] for one in listed] == [submitted.json()["ix_id"]]

    async def test_the_same_again_is_the_same_and_another_address_is_refused(self, client: httpx.AsyncClient) -> None:
        first = await declare(client, callback_url=CALLBACK)
        again = await declare(client, callback_url=CALLBACK)
        assert (again.status_code, again.json()) == (200, first.json())
        assert at_fault(await declare(client)) == ["batch_id: is already taken by a batch with another callback_url"]

    async def test_late_and_lost_jobs_are_refused_but_repetitions_are_not(self, client: httpx.AsyncClient) -> None:
        first = job(batch_id="october")
        assert at_fault(await client.post("/jobs", json=first)) == [
            "batch_id: is unknown; declare it first: POST /batches"
        ]
        await declare(client)
        assert (await client.post("/jobs", json=first)).status_code == 201
        await client.post("/batches/october/close", params=OF_ACME)
        assert (await client.post("/jobs", json=first)).status_code == 200
        late = [job(batch_id="october"), job(batch_id="october", documents=[{"text": "a"}])]
        for one in late:
            assert at_fault(await client.post("/jobs", json=one)) == ["batch_id: is closed: it takes no more jobs"]
        many = await client.post("/jobs/batch", json={"jobs": [job(), late[0], job()]})
        assert [one["status"] for one in many.json()["jobs"]] == [201, 422, 201]

    async def test_cancelled_it_takes_none_and_ends(self, client: httpx.AsyncClient, database: Database) -> None:
        await declare(client)
        for _ in range(3):
            await client.post("/jobs", json=job(batch_id="october"))
        await client.post("/jobs", json=job())
        [claim] = await database.jobs.claim(uuid4(), 1)
        await database.jobs.mark_done(claim, answer())
        asked = await client.post("/batches/october/cancel", params=OF_ACME)
        assert (asked.status_code, asked.json()["of"]) == (202, 2)
        operator = Operator(Settings(), database)
        while await operator.do_what_is_due() == 0.0:
            pass
        assert (await client.get(asked.headers["location"])).json()["done"] == 2
        assert await database.batches.end_ready() == [("acme", "october")]
        found = (await client.get("/batches/october", params=OF_ACME)).json()
        assert found["jobs"]["status"] == {"done": 1, "cancelled": 2}
        assert (await client.get("/metrics")).json()["pending"] == 1, "jobs of no batch stay"

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"batch_id": "a/b"}, "batch_id"),
            ({"batch_id": ""}, "batch_id"),
            ({"batch_id": ".."}, "batch_id"),
            ({"batch_id": "b" * 101}, "batch_id"),
            ({"callback_url": "http://127.0.0.1/"}, "callback_url"),
            ({"callback_url": "ftp://a.example/"}, "callback_url"),
            ({"client_id": ""}, "client_id"),
            ({"jobs": 3}, "jobs"),
        ],
    )
    async def test_what_is_no_declaration(self, client: httpx.AsyncClient, fields: dict[str, Any], field: str) -> None:
        assert [one.split(":")[0] for one in at_fault(await declare(client, **fields))] == [field]

    @pytest.mark.parametrize("name", ["unknown", "%00", "a%2Fb", "x" * 300])
    async def test_unknown(self, client: httpx.AsyncClient, name: str) -> None:
        for method, end in (("GET", ""), ("POST", "/close"), ("POST", "/cancel")):
            assert (await client.request(method, f"/batches/{name}{end}", params=OF_ACME)).status_code == 404
        assert at_fault(await client.get("/batches/october")) == ["client_id: is missing: whose batch is it?"]


class TestWhose:
    async def test_a_key_sees_and_fills_its_own(self, client: httpx.AsyncClient, database: Database) -> None:
        acme, other = [
            {"authorization": f"Bearer {await database.keys.add(name, Grant())}"} for name in ("acme", "other")
        ]
        body = {"batch_id": "october"}
        assert (await client.post("/batches", json=body, headers=acme)).json()["client_id"] == "acme"
        for method, end in (("GET", ""), ("POST", "/close"), ("POST", "/cancel")):
            assert (await client.request(method, f"/batches/october{end}", headers=other)).status_code == 404
        mine = {"request_id": "r", "use_case": "drill", "batch_id": "october"}
        assert at_fault(await client.post("/jobs", json=mine, headers=other))[0].startswith("batch_id: is unknown")
        assert (await client.post("/jobs", json=mine, headers=acme)).status_code == 201
        refused = await client.post("/batches", json={**body, "client_id": "acme"}, headers=other)
        assert refused.status_code == 403
        assert (await client.get("/batches/october", params=OF_ACME, headers=other)).status_code == 403
        assert (await client.post("/batches", json=body, headers=other)).status_code == 201, "a name of its own"

    async def test_a_key_of_some_use_cases_counts_theirs_and_cancels_these_alone(
        self, client: httpx.AsyncClient, database: Database
    ) -> None:
        grants = (Grant(), Grant(use_cases=("drill",)))
        acme, some = [{"authorization": f"Bearer {await database.keys.add('acme', one)}"} for one in grants]
        await client.post("/batches", json={"batch_id": "october"}, headers=acme)
        for name in ("drill", "receipt"):
            await client.post("/jobs", json=job(use_case=name, batch_id="october"), headers=acme)
        assert (await client.get("/batches/october", headers=some)).json()["jobs"]["total"] == 1
        asked = await client.post("/batches/october/cancel", headers=some)
        operator = Operator(Settings(), database)
        while await operator.do_what_is_due() == 0.0:
            pass
        assert (await client.get(asked.headers["location"], headers=some)).json()["done"] == 1
        left = await database.batches.get("acme", "october")
        assert left is not None
        assert left.jobs.status == {"cancelled": 1, "pending": 1}

    async def test_a_key_that_may_only_view_declares_none(self, client: httpx.AsyncClient, database: Database) -> None:
        key = await database.keys.add("acme", Grant(may=("view",)))
        viewer = {"authorization": f"Bearer {key}"}
        assert (await client.post("/batches", json={"batch_id": "b"}, headers=viewer)).status_code == 403


TAGS = {"department": "sales", "Straße": "Weg 3: links = rechts", "empty": ""}


class TestTags:
    async def test_they_come_back_wherever_the_job_is_told_of(self, client: httpx.AsyncClient) -> None:
        made = (await client.post("/jobs", json=job(tags=TAGS))).json()
        assert made["tags"] == TAGS
        assert (await client.get(f"/jobs/{made['ix_id']}")).json()["tags"] == TAGS
        query = {**OF_ACME, "tag": "Straße:Weg 3: links = rechts"}
        listed = (await client.get("/jobs", params=query)).json()["jobs"]
        assert [(one["ix_id"], one["tags"]) for one in listed] == [(made["ix_id"], TAGS)]
        # an admin, who names no client
        assert len((await client.get("/jobs", params={"tag": "empty:"})).json()["jobs"]) == 1
        assert (await client.get("/jobs", params={**OF_ACME, "tag": "department:Sales"})).json()["jobs"] == []
        assert "tags" not in (await client.post("/jobs", json=job(tags={}))).json()
        counts = (await client.get("/jobs/counts", params=query)).json()
        assert counts["status"]["pending"] == 1

    async def test_a_form_says_them_in_json(self, client: httpx.AsyncClient) -> None:
        form = {"client_id": "acme", "request_id": "f", "use_case": "drill", "tags": '{"a": "b"}'}
        made = await client.post("/jobs", data=form, files={"documents": ("a.txt", b"letter")})
        assert (made.status_code, made.json()["tags"]) == (201, {"a": "b"})
        broken = await client.post("/jobs", data={**form, "tags": "{"}, files={"documents": ("a.txt", b"letter")})
        assert at_fault(broken)[0].startswith("tags: is not valid JSON")

    async def test_other_tags_or_another_batch_are_other_content(self, client: httpx.AsyncClient) -> None:
        await declare(client)
        one = job(tags={"a": "b"})
        assert (await client.post("/jobs", json=one)).status_code == 201
        assert (await client.post("/jobs", json=one)).status_code == 200
        others: list[dict[str, Any]] = [{"tags": {"a": "c"}}, {"tags": {}}, {"batch_id": "october"}]
        for other in others:
            assert at_fault(await client.post("/jobs", json={**one, **other}))[0].startswith("request_id: ")

    @pytest.mark.parametrize(
        ("tags", "why"),
        [
            ({str(n): "" for n in range(17)}, "are more than 16"),
            ({"k" * 65: ""}, "have a key that"),
            ({"": ""}, "have a key that"),
            ({"a b": ""}, "have a key that"),
            ({"a:b": ""}, "have a key that"),
            ({"a=b": ""}, "have a key that"),
            ({"a\n": ""}, "have a key that"),
            ({"k": "v" * 257}, "the value of k is not of up to 256"),
            ({"k": "a\nb"}, "the value of k is not"),
            ({"k": "\u202e"}, "the value of k is not"),
            ({"k": 1}, "tags.k: "),
            ({"k": {"nested": "v"}}, "tags.k: "),
            (["k"], "tags: "),
        ],
    )
    async def test_what_are_none(self, client: httpx.AsyncClient, tags: Any, why: str) -> None:
        [fault] = at_fault(await client.post("/jobs", json=job(tags=tags)))
        assert fault.startswith("tags")
        assert why in fault

    async def test_as_many_and_as_long_as_may_be(self, client: httpx.AsyncClient, database: Database) -> None:
        most = {f"{n:064}": "ß" * 256 for n in range(16)}
        made = await client.post("/jobs", json=job(tags=most))
        assert (made.status_code, made.json()["tags"]) == (201, most)
        query = {**OF_ACME, "tag": f"{3:064}:{'ß' * 256}"}
        assert len((await client.get("/jobs", params=query)).json()["jobs"]) == 1
        await database.jobs.erase(made.json()["ix_id"])
        assert await database.pool.fetchval("SELECT count(*) FROM job_tags") == 0

    @pytest.mark.parametrize("tag", ["", "a", ":b", "a b:c", "k:" + "v" * 257, "k:\x00"])
    async def test_what_is_no_filter(self, client: httpx.AsyncClient, tag: str) -> None:
        answer = await client.get("/jobs", params={**OF_ACME, "tag": tag})
        assert answer.status_code == 422
