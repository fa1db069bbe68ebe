"""Sessions: how one begins, where it counts, whose rights it has, and how it ends."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from ix.api.console import cookies
from ix.api.console.session import _key
from ix.api.console.sessions import Found, SignedIn
from ix.api.console.tries import MOST, REMEMBERED, SECONDS, Tries
from ix.api.middleware.memory import RECHECK_SECONDS
from ix.api.problems import Problem
from ix.config import Settings
from ix.database import sessions
from ix.database.jobs import Jobs
from ix.database.keys import Change
from tests.api.console.conftest import SITE, Browser, Service
from tests.factories import submission
from tests.logs import Log

LOCAL = "http://localhost:8080"


def key_id(key: str) -> str:
    return key.split("_")[1]


async def job_of(service: Service, client_id: str = "acme") -> str:
    return (await Jobs(service.pool).insert_pending(submission(client=client_id))).job.ix_id


async def held_by(app: Starlette) -> None:
    """Returns when an answer is held."""
    async with asyncio.timeout(5):
        while not app.state.services.authenticator._held:
            await asyncio.sleep(0.01)


def token_of(browser: Browser) -> str:
    [cookie] = browser.cookies.jar
    return str(cookie.value)


async def test_a_session_has_the_rights_of_its_key_and_counts_below_the_consoles_api_alone(service: Service) -> None:
    key = await service.key("acme", name="Anna Weber", may=["view", "review"], use_cases=["invoice"])
    app = await service.process()
    browser = await service.open(app)
    answer = await browser.sign_in(key)
    who = answer.json()
    ends_at = datetime.fromisoformat(who.pop("ends_at"))
    assert abs(ends_at - datetime.now(UTC) - sessions.IDLE) < timedelta(seconds=30)
    assert who == {
        "name": "Anna Weber",
        "client_id": "acme",
        "key_id": key_id(key),
        "may": ["view", "review"],
        "use_cases": ["invoice"],
        "open": False,
        "oidc": False,
        "drafts": True,
    }
    told = (await browser.get("/console/session")).json()
    assert {**told, "ends_at": None} == {**who, "ends_at": None}
    assert key not in answer.text
    assert (await browser.get("/console/api/jobs")).json() == {"jobs": [], "next": None}
    assert (await browser.post("/console/api/jobs", json={})).status_code == 403
    for path in ("/jobs", "/console/jobs/../../jobs", "/events", "/use-cases"):
        assert (await browser.get(path)).status_code == 401, path
    # a key is no way in below it, so that there is one way only
    with_key = {"authorization": f"Bearer {key}"}
    browser.cookies.clear()
    assert (await browser.get("/jobs", headers=with_key)).status_code == 200
    assert (await browser.get("/console/api/jobs", headers=with_key)).status_code == 401


async def test_a_cookie_is_out_of_reach(service: Service) -> None:
    key, app = await service.key(), await service.process()
    for site, name, place in (
        (SITE, "__Host-ix", "Path=/; Secure"),
        (LOCAL, "ix-local-8080", "Path=/console"),
        ("http://127.0.0.1", "ix-local-80", "Path=/console"),
    ):
        cookie = (await (await service.open(app, site)).sign_in(key)).headers["set-cookie"]
        found, _, rest = cookie.partition("; ")
        assert rest == f"{place}; HttpOnly; SameSite=Strict; Max-Age=604800"
        assert found.partition("=")[0] == name
        assert len(found.partition("=")[2]) == 43


async def test_over_plain_http_nobody_signs_in_from_elsewhere(service: Service) -> None:
    key, app = await service.key(), await service.process()
    refused = await (await service.open(app, "http://ix.example")).sign_in(key)
    assert (refused.status_code, "HTTPS" in refused.json()["detail"]) == (403, True)
    assert "set-cookie" not in refused.headers
    # what the proxy says of the scheme counts where it is trusted
    behind = await service.process(trusted_proxies=("10.0.0.7/32",))
    proxied = await service.open(behind, "http://ix.example", sec_fetch_site="same-origin", x_forwarded_proto="https")
    assert (await proxied.sign_in(key)).headers["set-cookie"].startswith("__Host-ix=")


async def test_only_the_hash_of_a_cookie_is_stored_and_nothing_of_it_is_logged(service: Service, log: Log) -> None:
    key, app = await service.key(), await service.process()
    browser = await service.open(app)
    await browser.sign_in(key)
    await browser.get("/console/api/jobs")
    [row] = await service.pool.fetch("SELECT * FROM sessions")
    for secret in (token_of(browser), key.split("_", 2)[2]):
        assert secret not in str(dict(row))
        assert secret not in "\n".join(log.lines)


FOREIGN = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": SITE},
    {"origin": "https://evil.example"},
    {"origin": "https://ix.example.evil.example"},
    {"origin": "http://ix.example"},
    {"origin": "null"},
]


async def test_another_sites_page_can_do_nothing_with_a_cookie(service: Service) -> None:
    browser = await service.signed_in(await service.process())
    ix_id = await job_of(service)
    key = await service.key()
    del browser.headers["sec-fetch-site"]
    calls: list[tuple[str, str, object]] = [
        ("DELETE", f"/console/api/jobs/{ix_id}", None),
        ("POST", "/console/api/jobs", {}),
        ("POST", "/console/session", {"key": key}),
        ("DELETE", "/console/session", None),
    ]
    for headers in (*FOREIGN, {"sec-fetch-site": "none"}, {}):
        for method, path, body in calls:
            answer = await browser.request(method, path, json=body, headers=headers)
            assert answer.status_code == 403, (headers, method, path)
    for headers in FOREIGN[:3]:
        assert (await browser.get("/console/api/jobs", headers=headers)).status_code == 403, headers
        assert (await browser.get("/console/session", headers=headers)).status_code == 403, headers
    # what the console's own page sends, and somebody who types an address
    for headers in ({"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}, {}):
        assert (await browser.get(f"/console/api/jobs/{ix_id}", headers=headers)).status_code == 200
    assert (await browser.delete(f"/console/api/jobs/{ix_id}", headers={"origin": SITE})).status_code == 200


async def test_a_token_that_somebody_else_chose_or_saw_before_never_becomes_a_session(service: Service) -> None:
    app = await service.process()
    browser = await service.signed_in(app)
    first = token_of(browser)
    for planted in ("A" * 43, first[:-1], first + "A", "", first.upper(), "x" * 20_000, f"{first}; __Host-ix={first}"):
        other = await service.open(app, cookie=f"__Host-ix={planted}", sec_fetch_site="same-origin")
        assert (await other.get("/console/api/jobs")).status_code == 401, planted
    await browser.sign_in(await service.key())
    assert token_of(browser) != first
    old = await service.open(app, cookie=f"__Host-ix={first}")
    assert (await old.get("/console/api/jobs")).status_code == 401
    assert (await browser.get("/console/api/jobs")).status_code == 200


async def test_after_the_sign_out_a_cookie_is_worth_nothing_in_any_process(service: Service) -> None:
    here, there = await service.process(), await service.process()
    browser = await service.signed_in(here)
    copied = await service.open(there, cookie=f"__Host-ix={token_of(browser)}")
    assert (await copied.get("/console/api/jobs")).status_code == 200
    out = await browser.delete("/console/api/console/session")
    assert (out.status_code, out.headers["clear-site-data"]) == (204, '"cache", "storage"')
    assert out.headers["set-cookie"].startswith("__Host-ix=; ")
    assert "Max-Age=0" in out.headers["set-cookie"]
    # sooner than the other process looks by itself
    async with asyncio.timeout(3):
        while (await copied.get("/console/api/jobs")).status_code != 401:
            await asyncio.sleep(0.01)
    assert (await browser.get("/console/session")).status_code == 401
    assert (await browser.delete("/console/session")).status_code == 204
    assert await service.pool.fetchval("SELECT count(*) FROM sessions") == 0
    kinds = await service.pool.fetch("SELECT what FROM audit ORDER BY number")
    assert [row["what"] for row in kinds] == ["session.start", "session.end"]


async def test_a_revoked_key_ends_its_sessions_at_once_and_what_is_held_for_them(service: Service) -> None:
    app = await service.process()
    browser = await service.signed_in(app, "acme")
    held = asyncio.create_task(browser.get(f"/console/api/jobs/{await job_of(service)}?wait=30"))
    await held_by(app)
    [row] = await service.pool.fetch("SELECT key_id FROM sessions")
    await service.keys.revoke(row["key_id"])
    async with asyncio.timeout(5):
        assert (await held).status_code == 401
    assert (await browser.get("/console/api/jobs")).status_code == 401


async def test_a_sign_out_ends_streams_that_are_open(service: Service) -> None:
    app = await service.process()
    browser = await service.signed_in(app, "acme")
    stream = asyncio.create_task(browser.get("/console/api/events"))
    await held_by(app)
    await browser.delete("/console/session")
    async with asyncio.timeout(5):
        assert (await stream).headers["content-type"].startswith("text/event-stream")
    assert (await browser.get("/console/api/events")).status_code == 401


async def test_other_rights_count_at_once_and_an_expired_key_ends_its_session(service: Service) -> None:
    app, key = await service.process(), await service.key(seconds=3600)
    browser = await service.open(app)
    ends_at = datetime.fromisoformat((await browser.sign_in(key)).json()["ends_at"])
    assert ends_at - datetime.now(UTC) < timedelta(hours=1)
    await service.keys.change(key_id(key), Change(may=["submit"]))
    async with asyncio.timeout(5):
        while (await browser.get("/console/api/jobs")).status_code != 403:
            await asyncio.sleep(0.01)
    await service.keys.change(key_id(key), Change(seconds=0.000001))
    async with asyncio.timeout(5):
        while (await browser.get("/console/api/jobs")).status_code != 401:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("column", ["seen_at", "created_at"])
async def test_a_session_ends_when_it_is_not_used_and_after_a_while_in_any_case(service: Service, column: str) -> None:
    browser = await service.signed_in(await service.process())
    limit = sessions.IDLE if column == "seen_at" else sessions.LONGEST
    await service.pool.execute(f"UPDATE sessions SET {column} = now() - $1::interval", limit - timedelta(minutes=1))
    again = await service.open(await service.process(), cookie=f"__Host-ix={token_of(browser)}")
    told = (await again.get("/console/session")).json()
    assert datetime.fromisoformat(told["ends_at"]) - datetime.now(UTC) < timedelta(minutes=1)
    await service.pool.execute(f"UPDATE sessions SET {column} = now() - $1::interval", limit)
    late = await service.open(await service.process(), cookie=f"__Host-ix={token_of(browser)}")
    assert (await late.get("/console/api/jobs")).status_code == 401
    # it does not come to life again, and goes with the next sign-in
    await service.signed_in(await service.process())
    assert await service.pool.fetchval("SELECT count(*) FROM sessions") == 1


async def test_its_use_keeps_a_session_and_what_no_person_does_is_no_use(service: Service) -> None:
    app = await service.process()
    browser = await service.signed_in(app)
    await service.pool.execute("UPDATE sessions SET seen_at = now() - interval '1 hour'")
    noted = app.state.services.visitors.signed_in.last_use._noted_at
    seen = "SELECT seen_at > now() - interval '1 minute' FROM sessions"
    await browser.get("/console/api/jobs", headers={"x-ix-background": "1"})
    await browser.get("/console/session")
    assert not noted
    await browser.get("/console/api/jobs")
    assert noted
    async with asyncio.timeout(5):
        while not await service.pool.fetchval(seen):
            await asyncio.sleep(0.02)


async def test_a_key_has_so_many_sessions_and_the_oldest_makes_room(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ix.database.sessions.MOST", 3)
    app, key = await service.process(), await service.key()
    browsers = [await service.open(app) for _ in range(4)]
    for one in browsers:
        assert (await one.sign_in(key)).status_code == 200
    assert [(await one.get("/console/api/jobs")).status_code for one in browsers] == [401, 200, 200, 200]


async def test_wrong_and_revoked_are_one_answer_and_nothing_is_told_of_the_body(service: Service, log: Log) -> None:
    revoked = await service.key()
    await service.keys.revoke(key_id(revoked))
    browser = await service.open(await service.process())
    answers = [await browser.sign_in(key) for key in (revoked, f"{revoked[:-3]}xyz", "", "x" * 500, "\u202e")]
    assert {(one.status_code, one.content) for one in answers} == {(401, answers[0].content)}
    assert revoked.split("_")[2] not in "\n".join(log.lines)
    assert await log.until("a sign-in was refused")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (415, b'{"key": "x"}', "text/plain"),
        (415, b"key=x", "application/x-www-form-urlencoded"),
        (400, b"{", "application/json"),
        (422, b"[]", "application/json"),
        (422, b'{"key": 1}', "application/json"),
        (422, b'{"key": "x", "more": 1}', "application/json"),
        (413, b'{"key": "' + b"x" * 5000 + b'"}', "application/json"),
    ],
)
async def test_a_body_that_is_none_is_refused(status: int, body: bytes, kind: str) -> None:
    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body, "more_body": False}

    request = Request({"type": "http", "headers": [(b"content-type", kind.encode())]}, receive)
    with pytest.raises(Problem) as refused:
        await _key(request)
    assert refused.value.status == status
    assert "xxx" not in refused.value.detail


async def test_an_address_tries_so_often_whatever_it_says_of_itself(service: Service) -> None:
    app, key = await service.process(), await service.key()
    browser = await service.open(app)
    for number in range(MOST):
        browser.headers["x-forwarded-for"] = f"10.1.1.{number}"
        assert (await browser.sign_in("wrong")).status_code == 401
    browser.headers.update({"x-forwarded-for": "10.1.1.99", "forwarded": "for=10.1.1.98", "x-real-ip": "10.1.1.97"})
    late = await browser.sign_in(key)
    assert late.status_code == 429
    assert 1 <= int(late.headers["retry-after"]) <= SECONDS + 1
    assert (await (await service.open(app, address="10.0.0.8")).sign_in(key)).status_code == 200


def scope(address: str) -> dict[str, object]:
    return {"client": (address, 1)}


def test_tries_are_counted_by_household_and_forgotten() -> None:
    now = 0.0
    tries = Tries(lambda: now)
    for number in range(MOST):
        tries.count(scope(f"2001:db8::{number:x}"))
    with pytest.raises(Problem, match="too many tries"):
        tries.count(scope("2001:db8::ffff"))
    tries.count(scope("2001:db8:0:1::1"))
    tries.count(scope("::ffff:10.0.0.1"))
    now += SECONDS
    tries.count(scope("2001:db8::ffff"))
    for number in range(REMEMBERED + 10):
        tries.count(scope(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"))
    assert len(tries._counts) == REMEMBERED


class TestOpen:
    """A service without keys: this machine's own, whoever sits at it."""

    async def test_nobody_signs_in_and_strangers_are_refused(self, service: Service) -> None:
        app = await service.process()
        here = await service.open(app, LOCAL, "127.0.0.1")
        who = (await here.get("/console/session")).json()
        assert (who["open"], who["name"], who["key_id"], who["ends_at"], len(who["may"])) == (True, "", None, None, 6)
        assert (await here.sign_in("ix_x")).status_code == 409
        assert (await here.delete("/console/session")).status_code == 204
        assert (await here.get("/console/api/jobs")).status_code == 200
        rebound = await service.open(app, "http://evil.example:8080", "127.0.0.1")
        foreign = await service.open(
            app, LOCAL, "127.0.0.1", origin="https://evil.example", sec_fetch_site="cross-site"
        )
        elsewhere = await service.open(app, LOCAL, "10.0.0.7")
        for stranger in (rebound, foreign, elsewhere):
            for path in ("/console/session", "/console/api/jobs", "/console/jobs", "/", "/console/assets/x/y"):
                assert (await stranger.get(path)).status_code == 403, path
            assert (await stranger.post("/console/api/jobs", json={})).status_code == 403


class Remembered:
    """What a process remembers of sessions: one of an admin's key, that the database tells of from the second read on.
    Time passes only when somebody waits."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, hears: bool) -> None:
        self.now, self.reads, self.token = 0.0, 0, "A" * 43
        self.session = sessions.Session(cookies.digest(self.token), "0123456789ab", None, 10.0)
        self.signed_in = SignedIn(Settings(), self.read, lambda: hears, clock=lambda: self.now)
        monkeypatch.setattr("ix.api.console.sessions.asyncio.sleep", self.wait)

    async def wait(self, seconds: float) -> None:
        self.now += seconds + 0.001

    async def read(self) -> sessions.Book:
        self.reads += 1
        return {self.session.digest: self.session} if self.reads == 2 else {}

    async def find(self) -> Found | None:
        cookie = (b"cookie", f"__Host-ix={self.token}".encode())
        return await self.signed_in.find({"type": "http", "scheme": "https", "headers": [cookie]})


class TestMemory:
    async def test_where_no_notification_arrives_an_unknown_session_is_waited_for(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As behind PgBouncer: it began a moment ago, in another process."""
        there = Remembered(monkeypatch, hears=False)
        assert await there.find() is not None
        assert (there.reads, there.now) == (2, RECHECK_SECONDS + 0.001)

    async def test_where_they_arrive_an_unknown_cookie_costs_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        there = Remembered(monkeypatch, hears=True)
        for _ in range(10):
            assert await there.find() is None
        assert (there.reads, there.now) == (1, 0.0)

    async def test_a_session_ends_between_two_reads(self, monkeypatch: pytest.MonkeyPatch) -> None:
        there = Remembered(monkeypatch, hears=True)
        there.reads = 1
        there.session = there.session._replace(seconds_left=2.0)
        found = await there.find()
        assert found is not None
        assert found.seconds_left == 2.0
        there.now = 1.5
        found = await there.find()
        assert found is not None
        assert found.seconds_left == 0.5
        there.now = 2.0
        assert await there.find() is None
