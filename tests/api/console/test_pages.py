"""The pages, and the API below them: what is served where, under which policy, and what switches it off."""

from __future__ import annotations

import asyncio
import gzip
from typing import Any

from ix.api.app import ROUTES
from ix.api.console.pages import POLICY
from ix.api.middleware.shares import share_of
from ix.api.openapi.document import document
from ix.console import assets
from tests.api.console.conftest import Service
from tests.api.console.test_session import job_of

VIEWS = ("jobs", "jobs/00000000017f3a9c", "review", "review/00000000017f3a9c", "try", "exports", "system", "sign-in")
HTML = {"accept": "text/html,application/xhtml+xml"}


async def test_pages_are_there_for_everybody_under_their_policy(service: Service) -> None:
    await service.key()
    browser = await service.open(await service.process())
    for view in VIEWS:
        page = await browser.get(f"/console/{view}", headers={"cookie": "__Host-ix=" + "x" * 43})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8"), view
        headers = page.headers
        assert headers["content-security-policy"] == POLICY
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert headers["cross-origin-opener-policy"] == headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"
    for path in ("nothing", "job", "jobs/x/y", "try/x", "api", "assets", "assets/x/css/base.css", "../etc/passwd"):
        assert (await browser.get(f"/console/{path}")).status_code in (401, 404), path


def test_the_policy_lets_in_nothing_that_is_written_within_a_page() -> None:
    rules = dict(rule.split(" ", 1) for rule in POLICY.split("; "))
    assert rules["default-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert {rules[f"{kind}-src"] for kind in ("script", "style", "img", "connect")} == {"'self'"}
    assert (rules["require-trusted-types-for"], rules["trusted-types"]) == ("'script'", "'none'")
    assert "report" not in POLICY
    assert "unsafe" not in POLICY


async def test_a_file_stays_in_the_browser_for_good_under_its_hash_alone(service: Service) -> None:
    browser, console = await service.open(await service.process()), assets.load()
    await service.key()
    path = f"/console/assets/{console.hash}/css/base.css"
    plain = await browser.get(path, headers={"accept-encoding": "br, gzip;q=0"})
    packed = await browser.get(path, headers={"accept-encoding": "br, gzip"})
    assert (plain.status_code, "content-encoding" in plain.headers) == (200, False)
    assert packed.headers["content-encoding"] == "gzip"
    assert plain.content == packed.content == gzip.decompress(console.asset("css/base.css").gzipped)  # type: ignore[union-attr]
    assert packed.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert packed.headers["vary"] == "accept-encoding"
    assert packed.headers["content-security-policy"] == POLICY
    for other in (path.replace(console.hash, "0" * 16), path.replace("base", "none"), path.replace("css/", "../")):
        assert (await browser.get(other)).status_code == 404


async def test_the_root_leads_browsers_to_the_jobs_and_is_nothing_else(service: Service) -> None:
    await service.key()
    browser = await service.open(await service.process())
    for path in ("/", "/console", "/console/"):
        led = await browser.get(path, headers=HTML)
        assert (led.status_code, led.headers["location"]) == (303, "/console/jobs")
    assert (await browser.get("/", headers={"accept": "application/json"})).status_code == 404
    below = await service.open(await service.process(root_path="/ix"))
    assert (await below.get("/ix/", headers=HTML)).headers["location"] == "/ix/console/jobs"
    assert 'data-root="/ix"' in (await below.get("/ix/console/jobs")).text


async def test_addresses_below_the_consoles_api_lead_there_again(service: Service) -> None:
    for root in ("", "/ix"):
        app = await service.process(root_path=root)
        browser = await service.open(app)
        await browser.post(f"{root}/console/session", json={"key": await service.key("acme")})
        for _ in range(2):
            ix_id = await job_of(service)
        answer = await browser.get(f"{root}/console/api/jobs/{ix_id}")
        assert answer.headers["location"] == f"{root}/console/api/jobs/{ix_id}"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        page = (await browser.get(f"{root}/console/api/jobs?limit=1")).json()
        assert page["next"] == f"{root}/console/api/jobs?limit=1&before={ix_id}"
        assert (await browser.get(page["next"])).json()["jobs"]
        options = await browser.options(f"{root}/console/api/jobs")
        assert (options.status_code, options.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")
        assert (await browser.put(f"{root}/console/api/jobs")).status_code == 405
        # what is open is open here, too
        assert (await browser.get(f"{root}/console/api/livez")).json() == {"web": "ok"}
        outside = await browser.get(f"{root}/jobs/{ix_id}", headers=await bearer(service, "acme"))
        assert outside.headers["location"] == f"{root}/jobs/{ix_id}"
        assert "cross-origin-resource-policy" not in outside.headers


async def bearer(service: Service, client_id: str | None = None, **grant: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {await service.key(client_id, **grant)}"}


async def test_other_sites_that_may_call_the_api_may_not_call_the_consoles(service: Service) -> None:
    app = await service.process(cors_origins=("https://app.example",))
    browser = await service.signed_in(app)
    origin = {"origin": "https://app.example", "sec-fetch-site": "cross-site"}
    allowed = await browser.get("/jobs", headers={**origin, **await bearer(service)})
    assert allowed.headers["access-control-allow-origin"] == "https://app.example"
    preflight = {**origin, "access-control-request-method": "POST"}
    assert (await browser.options("/jobs", headers=preflight)).status_code == 200
    for path in ("/console/api/jobs", "/console/session", "/console/jobs"):
        for answer in (await browser.get(path, headers=origin), await browser.options(path, headers=preflight)):
            assert not [name for name in answer.headers if name.startswith("access-control")], path
    assert (await browser.get("/console/api/jobs", headers=origin)).status_code == 403


async def test_switched_off_nothing_of_it_is_there(service: Service) -> None:
    app = await service.process()
    browser = await service.signed_in(app)
    off = await service.process(console=False)
    other = await service.open(
        off, cookie=f"__Host-ix={browser.cookies.get('__Host-ix')}", **{"sec-fetch-site": "same-origin"}
    )
    key = await bearer(service)
    for path in ("/", "/console", "/console/jobs", "/console/session", "/console/api/jobs", "/console/api/livez"):
        assert (await other.get(path, headers=HTML)).status_code == 401, path
        assert (await other.get(path, headers={**HTML, **key})).status_code == 404, path
    assert (await other.post("/console/session", json={"key": "x"}, headers=key)).status_code == 404
    assert (await other.get("/jobs", headers=key)).status_code == 200


def test_the_description_has_each_route_once() -> None:
    assert [path for path in document(ROUTES, "http://ix.test")["paths"] if "console" in path or path == "/"] == []


async def test_a_browser_and_a_program_of_one_client_have_one_share(service: Service) -> None:
    app = await service.process(max_waiters=64)
    browser, ix_id = await service.signed_in(app, "acme"), await job_of(service)
    held = [asyncio.create_task(browser.get(f"/console/api/jobs/{ix_id}?wait=30")) for _ in range(share_of(64))]
    while len(app.state.services.authenticator._held) < len(held):
        await asyncio.sleep(0.01)
    program = await service.open(app, **await bearer(service, "acme"))
    assert (await program.get(f"/jobs/{ix_id}?wait=30")).status_code == 429
    assert (await program.get(f"/jobs/{ix_id}")).status_code == 200
    app.state.services.end_held_requests()
    assert {(await one).status_code for one in held} == {200}


async def test_the_audit_log_is_for_administrators_page_by_page(service: Service) -> None:
    app = await service.process()
    admin = await service.signed_in(app, name="Ada", may=["view", "administer", "submit"])
    anna = await service.signed_in(app, "acme", name="Anna Weber")
    ix_id = await job_of(service)
    asked = await anna.delete(f"/console/api/jobs/{ix_id}?erase=true", headers={"x-request-id": "this-one"})
    assert asked.status_code == 204
    assert (await anna.get("/console/api/audit")).status_code == 403
    page = (await admin.get("/console/api/audit?limit=1")).json()
    [entry] = page["entries"]
    assert {name: entry[name] for name in ("who", "client_id", "what", "ix_id", "request", "detail")} == {
        "who": "Anna Weber",
        "client_id": "acme",
        "what": "job.erase",
        "ix_id": ix_id,
        "request": "this-one",
        "detail": {},
    }
    more = (await admin.get(page["next"])).json()
    assert [one["what"] for one in more["entries"]] == ["session.start"]
    assert [one["who"] for one in (await admin.get("/console/api/audit?who=Ada")).json()["entries"]] == ["Ada"]
    assert (await admin.get("/audit", headers=await bearer(service))).status_code == 200
    for query in ("limit=0", "before=x", "before=99999999999999999999", "who=%00", "nothing=1", "ix_id=x"):
        assert (await admin.get(f"/console/api/audit?{query}")).status_code == 422, query
