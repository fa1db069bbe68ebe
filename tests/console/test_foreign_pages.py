"""What a page of another site can do with a session, in a real browser: nothing. The other site is another port of this
machine, which counts as the same site, so that the browser sends the cookie along: nothing but the service is left to
refuse."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import httpx
import pytest

pytest.importorskip("playwright.async_api", reason="playwright is not installed")

from tests import databases, processes
from tests.console.browser import Tab


@contextmanager
def other_site() -> Iterator[str]:
    """An empty page on another port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>not ix</title>")

        def log_message(self, *arguments: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


ATTACK = """async ([target, id]) => {
    const retry = `${target}/console/api/jobs/${id}/retry`;
    const all = {credentials: "include"};
    const told = async (...call) => { try { return (await fetch(...call)).type; } catch { return "refused"; } };
    const loads = (kind, address) => new Promise(done => {
        const node = Object.assign(document.createElement(kind), {src: address});
        node.onload = () => done("loaded");
        node.onerror = () => done("refused");
        document.body.append(node);
    });
    const frame = await loads("iframe", `${target}/console/jobs`);
    const form = Object.assign(document.createElement("form"), {method: "post", action: retry, target: "frame"});
    document.body.append(Object.assign(document.createElement("iframe"), {name: "frame"}), form);
    form.submit();
    const seen = {
        simple: await told(retry, {...all, method: "POST", mode: "no-cors"}),
        json: await told(retry, {...all, method: "POST", headers: {"content-type": "application/json"}, body: "{}"}),
        erase: await told(`${target}/console/api/jobs/${id}?erase=true`, {...all, method: "DELETE"}),
        read: await told(`${target}/console/api/jobs`, all),
        script: await loads("script", `${target}/console/api/jobs`),
        picture: await loads("img", `${target}/console/api/jobs`),
    };
    try { seen.framed = frame === "loaded" && Boolean(document.querySelector("iframe").contentDocument?.body); }
    catch { seen.framed = false; }
    return seen;
}"""


class Victim(NamedTuple):
    """A service with a cancelled job of acme's, and acme's key; and where another site's page is."""

    address: str
    key: str
    ix_id: str
    elsewhere: str


@pytest.fixture(scope="module")
def victim(server_url: str, template_name: str) -> Iterator[Victim]:
    with databases.clone(server_url, template_name) as url, processes.web(url) as address, other_site() as elsewhere:
        key = processes.run_ix(url, "keys", "add", "acme")
        with httpx.Client(base_url=address, headers={"authorization": f"Bearer {key}"}, trust_env=False) as api:
            ix_id = api.post("/jobs", json={"request_id": "r", "use_case": "drill"}).json()["ix_id"]
            assert api.delete(f"/jobs/{ix_id}").json()["status"] == "cancelled"
        yield Victim(address, key, ix_id, elsewhere)


SIGN_IN = """async key => {
    const headers = {"content-type": "application/json"};
    return (await fetch("/console/session", {method: "POST", headers, body: JSON.stringify({key})})).status;
}"""
LOOK = "async id => (await (await fetch(`/console/api/jobs/${id}`)).json()).status"
RETRY = "async id => (await fetch(`/console/api/jobs/${id}/retry`, {method: 'POST'})).status"


async def test_another_sites_page_changes_nothing_and_sees_nothing(whole_tab: Tab, victim: Victim) -> None:
    context = whole_tab.page.context
    page, foreign = await context.new_page(), await context.new_page()
    await page.goto(f"{victim.address}/console/sign-in")
    assert await page.evaluate(SIGN_IN, victim.key) == 200
    [cookie] = [one for one in await context.cookies(f"{victim.address}/console/api") if "ix-local" in one["name"]]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    await foreign.goto(victim.elsewhere)
    assert await foreign.evaluate(ATTACK, [victim.address, victim.ix_id]) == {
        "simple": "refused",
        "json": "refused",
        "erase": "refused",
        "read": "refused",
        "script": "refused",
        "picture": "refused",
        "framed": False,
    }
    assert await page.evaluate(LOOK, victim.ix_id) == "cancelled"
    # the console's own page can
    assert await page.evaluate(RETRY, victim.ix_id) == 202
    await foreign.close()
    await page.close()
    await context.clear_cookies()
