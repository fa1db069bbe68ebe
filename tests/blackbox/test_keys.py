"""Keys, black-box: a service with keys keeps clients apart on every route that there is."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest
from starlette.routing import Route

from ix.api.app import ROUTES
from ix.api.middleware.auth import PUBLIC
from ix.api.openapi import document
from ix.config import Settings
from ix.database import Database
from ix.database.keys import RIGHTS, Grant
from tests import databases, processes
from tests.blackbox.answered import answered

UNKNOWN = "0123456789abcdef"


class Service(NamedTuple):
    """A service with keys, and one job of acme."""

    acme: httpx.Client
    other: httpx.Client
    admin: httpx.Client
    anybody: httpx.Client
    database: str
    job: str


def key_of(database: str, *whose: str) -> str:
    return str(json.loads(processes.run_ix(database, "keys", "add", *whose, "--json"))["key"])


@pytest.fixture(scope="module")
def service(server_url: str, template_name: str) -> Iterator[Service]:
    with databases.clone(server_url, template_name) as database, processes.web(database, IX_HOST="127.0.0.1") as url:
        keys = [key_of(database, "acme"), key_of(database, "other"), key_of(database, "--admin")]
        headers = [{"authorization": f"Bearer {key}"} for key in keys] + [{}]
        acme, other, admin, anybody = [
            httpx.Client(base_url=url, headers=one, timeout=30, trust_env=False) for one in headers
        ]
        job = acme.post(
            "/jobs", json={"request_id": "r1", "use_case": "drill", "callback_url": "https://hooks.example.com/"}
        )
        assert job.status_code == 201, job.text
        yield Service(acme, other, admin, anybody, database, job.json()["ix_id"])
        for client in (acme, other, admin, anybody):
            client.close()


def calls() -> list[tuple[str, str]]:
    """Every method and path that the service has."""
    routes = [route for route in ROUTES if isinstance(route, Route)]
    paths = {(method, route.path) for route in routes for method in (route.methods or ()) if method != "HEAD"}
    return sorted((method, path.replace("{document}/{page}", "0/1")) for method, path in paths)


@pytest.mark.parametrize(("method", "path"), [call for call in calls() if call[1] not in PUBLIC])
def test_every_call_needs_a_key(service: Service, method: str, path: str) -> None:
    answer = service.anybody.request(
        method, path.format(ix_id=service.job, name="drill", id="act_" + "0" * 32, batch_id="b")
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert "Authorization: Bearer" in answer.json()["detail"]


@pytest.mark.parametrize("path", sorted(PUBLIC & {path for _, path in calls()}))
def test_what_says_nothing_of_anybodys_jobs_does_not(service: Service, path: str) -> None:
    assert service.anybody.get(path).status_code in (200, 503)


@pytest.mark.parametrize(
    ("method", "path", "query"),
    [
        (*call, query)
        for call, query in itertools.product(calls(), ("", "?erase=true", "?wait=0.1"))
        if "{ix_id}" in call[1]
    ],
)
def test_another_clients_job_looks_exactly_like_an_unknown_one(
    service: Service, method: str, path: str, query: str
) -> None:
    theirs = service.other.request(method, path.format(ix_id=service.job) + query)
    unknown = service.other.request(method, path.format(ix_id=UNKNOWN) + query)
    assert theirs.status_code == unknown.status_code == 404
    assert theirs.content == unknown.content
    assert theirs.headers.keys() == unknown.headers.keys()
    assert service.acme.get(f"/jobs/{service.job}").json()["status"] == "pending"


def test_lists_and_look_ups_hold_the_callers_own(service: Service) -> None:
    def listed(client: httpx.Client, query: str = "") -> list[str]:
        return [job["ix_id"] for job in client.get(f"/jobs{query}").json()["jobs"]]

    assert service.job in listed(service.acme)
    assert service.job in listed(service.admin)
    assert (
        listed(service.other)
        == listed(service.other, "?client_id=acme")
        == listed(service.other, "?client_id=unknown")
        == []
    )
    theirs = service.other.get("/jobs?client_id=acme&request_id=r1")
    assert (theirs.status_code, theirs.content) == (
        404,
        service.other.get("/jobs?client_id=acme&request_id=r2").content,
    )
    assert service.acme.get("/jobs?request_id=r1").json()["ix_id"] == service.job
    assert service.other.get("/jobs?request_id=r1").status_code == 404


def test_counts_hold_the_callers_own(service: Service) -> None:
    body = {"request_id": "counted", "use_case": "drill", "run_at": "2999-01-01T00:00:00Z"}
    assert service.acme.post("/jobs", json=body).status_code == 201
    query = "/jobs/counts?q=counted"
    asked = [service.acme.get(query), service.admin.get(query), service.other.get(query)]
    asked += [service.admin.get(f"{query}&client_id=acme"), service.other.get(f"{query}&client_id=acme")]
    assert [answer.json()["status"]["scheduled"] for answer in asked] == [1, 1, 0, 1, 0]


def test_the_key_decides_the_client(service: Service) -> None:
    body = {"request_id": "same", "use_case": "drill"}
    assert service.acme.post("/jobs", json=body).json()["client_id"] == "acme"
    assert service.other.post("/jobs", json=body).json()["client_id"] == "other"
    form = {"request_id": (None, "form"), "use_case": (None, "drill")}
    assert service.other.post("/jobs", files=form).json()["client_id"] == "other"
    refused = service.other.post("/jobs", json={**body, "client_id": "acme"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "client_id")
    told = service.other.post(
        "/jobs/batch", json={"jobs": [{**body, "request_id": "b"}, {**body, "client_id": "acme"}]}
    ).json()["jobs"]
    assert (told[0]["job"]["client_id"], told[1]["problem"]["status"]) == ("other", 403)
    assert service.admin.post("/jobs", json={**body, "client_id": "third"}).json()["client_id"] == "third"
    assert service.admin.post("/jobs", json=body).status_code == 422


def given(database: str, *grants: tuple[str | None, Grant]) -> list[dict[str, str]]:
    """The headers of new keys; an `ix keys add` for each would take a second."""

    async def make() -> list[str]:
        opened = await Database.open(Settings(postgres_url=database))
        try:
            return [await opened.keys.add(*grant) for grant in grants]
        finally:
            await opened.close()

    return [{"authorization": f"Bearer {key}"} for key in asyncio.run(make())]


def test_every_call_needs_its_right_and_no_other(service: Service) -> None:
    only = given(service.database, *((None, Grant(may=[right])) for right in RIGHTS))
    others = given(service.database, *((None, Grant(may=[one for one in RIGHTS if one != right])) for right in RIGHTS))
    keys = {right: (only[at], others[at]) for at, right in enumerate(RIGHTS)}
    described = {(method, path): one for path, method, one in document.described(ROUTES)}
    for method, path in calls():
        if path in PUBLIC:
            continue
        right = described[method, path.replace("0/1", "{document}/{page}")].right(method)
        # a job that is not there: nothing is done
        address = path.format(ix_id=UNKNOWN, name="drill", id="act_" + "0" * 32, batch_id="b")
        # the stream of everybody has no end
        address += "?client_id=" if path == "/events" else ""
        # of everybody only administrators may ask, and change what is for everybody
        address += "?client_id=acme" if path in ("/caps", "/configurations/{name}") else ""
        with_right, without = [service.anybody.request(method, address, headers=key) for key in keys[right]]
        assert with_right.status_code not in (401, 403), (method, path)
        assert without.status_code == 403, (method, path)
        assert f"the key may not {right};" in without.json()["detail"]


def test_a_key_knows_its_use_cases_only(service: Service) -> None:
    headers, *_ = given(service.database, ("acme", Grant(use_cases=["receipt"])))

    def ask(method: str, path: str, **body: Any) -> httpx.Response:
        return service.anybody.request(method, path, headers=headers, **body)

    assert [one["name"] for one in ask("GET", "/use-cases").json()["use_cases"]] == ["receipt"]
    assert [ask("GET", f"/use-cases/{name}").status_code for name in ("receipt", "drill", "none")] == [200, 404, 404]
    submission = {"request_id": "limited", "use_case": "drill"}
    refused = ask("POST", "/jobs", json=submission)
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (403, "use_case")
    assert "may not ask for drill" in refused.json()["detail"]
    [told] = ask("POST", "/jobs/batch", json={"jobs": [submission]}).json()["jobs"]
    assert told["problem"]["status"] == 403
    unknown = ask("POST", "/jobs", json={**submission, "use_case": "no such"})
    assert (unknown.status_code, "drill" in unknown.text) == (422, False)
    # the job of another use case, made with another key of the same client, is as one that is not there
    for method, path in (call for call in calls() if "{ix_id}" in call[1]):
        for query in ("", "?erase=true"):
            theirs, nobodys = [ask(method, path.format(ix_id=one) + query) for one in (service.job, UNKNOWN)]
            assert (theirs.status_code, theirs.content) == (404, nobodys.content), (method, path)
    assert ask("GET", "/jobs").json()["jobs"] == []
    assert ask("GET", "/jobs?request_id=r1").status_code == 404
    assert service.acme.get(f"/jobs/{service.job}").json()["status"] == "pending"
    own = ask("POST", "/jobs", json={"request_id": "own", "use_case": "receipt", "documents": [{"text": "x"}]}).json()
    assert [job["ix_id"] for job in ask("GET", "/jobs").json()["jobs"]] == [own["ix_id"]]


def test_an_expired_key_is_told_so_and_a_wrong_one_is_not(service: Service) -> None:
    expired, *_ = given(service.database, ("acme", Grant(seconds=0.001)))
    wrong = {"authorization": expired["authorization"][:-4] + "AAAA"}
    found = [service.anybody.get("/jobs", headers=one) for one in (expired, wrong)]
    assert [answer.status_code for answer in found] == [401, 401]
    assert ["has expired" in answer.json()["detail"] for answer in found] == [True, False]
    key_id = expired["authorization"].split("_")[1]
    processes.run_ix(service.database, "keys", "change", key_id, "--expires", "1d", "--name", "renewed")
    assert service.anybody.get("/jobs", headers=expired).status_code == 200
    heads = {one["key_id"]: one for one in json.loads(processes.run_ix(service.database, "keys", "list", "--json"))}
    assert heads[key_id]["name"] == "renewed"


def test_what_is_everybodys_needs_an_admins_key(service: Service) -> None:
    assert [client.get("/metrics").status_code for client in (service.acme, service.admin)] == [403, 200]


def test_a_revoked_key_is_refused_within_seconds(service: Service) -> None:
    key = key_of(service.database, "acme")
    headers = {"authorization": f"Bearer {key}"}
    assert service.anybody.get("/jobs", headers=headers).status_code == 200
    processes.run_ix(service.database, "keys", "revoke", key.split("_")[1])
    heads = json.loads(processes.run_ix(service.database, "keys", "list", "--json"))
    assert [head["revoked_at"] is not None for head in heads if head["key_id"] == key.split("_")[1]] == [True]
    with processes.web(service.database) as url, httpx.Client(base_url=url, headers=headers, trust_env=False) as client:
        assert client.get("/jobs").status_code == 401


def test_a_stream_is_of_the_callers_own_jobs(service: Service) -> None:
    with (
        service.acme.stream("GET", "/events") as own,
        service.admin.stream("GET", "/events?client_id=acme") as any_clients,
        service.admin.stream("GET", "/events?counts=true") as everybodys,
    ):
        assert (own.status_code, any_clients.status_code, everybodys.status_code) == (200, 200, 200)
    assert service.other.get("/events?client_id=acme").status_code == 403


def test_an_export_holds_the_jobs_of_its_key_alone(service: Service) -> None:
    own, others = (
        answered(service.database, {"total": 1}, client=client, request_id="x") for client in ("acme", "other")
    )

    def ids(client: httpx.Client, **asked: str) -> set[str]:
        lines = client.get("/exports", params={"format": "jsonl", "use_case": "receipt", **asked}).text.splitlines()
        return {json.loads(line)["ix_id"] for line in lines}

    assert (ids(service.acme), ids(service.other)) == ({own}, {others})
    assert ids(service.admin) == {own, others}
    # that there is another client is not told
    assert ids(service.acme, client_id="other") == set()
    assert service.acme.get("/exports/preview", params={"client_id": "other"}).json()["of"] == 0
    assert [service.other.get(f"/jobs/{own}/{what}").status_code for what in ("text", "searchable.pdf")] == [404, 404]
    narrow = key_of(service.database, "acme", "--may", "view")
    refused = service.anybody.get("/exports", headers={"authorization": f"Bearer {narrow}"})
    assert (refused.status_code, "may not export" in refused.json()["detail"]) == (403, True)
