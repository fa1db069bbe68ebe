"""Signing in at a real OpenID provider, npm's oidc-provider, which is certified and checks what others leave unchecked:
PKCE, and that a code is redeemed once, where it was asked for."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from tests.api.console.conftest import Browser, Service
from tests.api.console.test_oidc import failure, set_up

SERVER = Path(__file__).parents[2] / "console" / "oidc_server.mjs"
SITE = "http://localhost:9999"
CALLBACK = f"{SITE}/console/oidc/callback"


class There(NamedTuple):
    """A provider that runs, by its address."""

    issuer: str

    async def sign_in(self, address: str, name: str) -> dict[str, str]:
        """Somebody signs in, as whoever they say, and consents: what the browser is to bring back."""
        async with httpx.AsyncClient(timeout=10, trust_env=False) as browser:
            answer = await browser.get(address)
            while True:
                while answer.is_redirect:
                    onwards = urljoin(str(answer.request.url), answer.headers["location"])
                    if onwards.startswith(CALLBACK):
                        return {key: value for key, [value] in parse_qs(urlsplit(onwards).query).items()}
                    answer = await browser.get(onwards)
                action, prompt = re.search(r'action="([^"]+)"', answer.text), re.search(r'value="(\w+)"', answer.text)
                assert action, answer.text
                assert prompt
                form = {"prompt": prompt[1], "login": name, "password": "x"}
                answer = await browser.post(urljoin(str(answer.request.url), action[1]), data=form)


@pytest.fixture(scope="module")
def there() -> Iterator[There]:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    if not (SERVER.parent / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed: make node")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [node, str(SERVER), str(port), CALLBACK]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout
            assert any(line.strip() == "up" for line in process.stdout), "the provider did not start"
            yield There(f"http://127.0.0.1:{port}")
        finally:
            process.kill()


async def asked(browser: Browser, there: There, name: str) -> dict[str, str]:
    led = await browser.get("/console/oidc/login?to=/console/review")
    assert led.status_code == 303, led.text
    return await there.sign_in(led.headers["location"], name)


async def back(browser: Browser, brought: dict[str, str]) -> httpx.Response:
    return await browser.get("/console/oidc/callback", params=brought, headers={"sec-fetch-site": "cross-site"})


async def test_there_and_back(there: There, service: Service) -> None:
    office = {"oidc_issuer": there.issuer, "oidc_client_secret": "a secret: 100 % of it"}
    app = await service.process(**set_up(service, **office, oidc_scope="openid profile email groups"))
    browser, other = await service.open(app, SITE), await service.open(app, SITE)
    brought = await asked(browser, there, "accounts")
    assert brought["iss"] == there.issuer
    answer = await back(browser, brought)
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/review")
    who = (await browser.get("/console/session")).json()
    assert (who["name"], who["may"]) == ("Anna Weber (accounts@example.org)", ["view", "review"])
    assert (await browser.get("/console/api/jobs")).status_code == 200
    # somebody whom the provider knows, and who has no role here
    assert failure(await back(other, await asked(other, there, "cleaners"))) == "oidc_no_role"
    # the code of one browser in the hands of another: its verifier is not the one that was asked with
    stolen = await asked(browser, there, "ops")
    own = await asked(other, there, "ops")
    assert failure(await back(other, {**own, "code": stolen["code"]})) == "oidc_failed"
    # a code that was redeemed once
    refreshed = await asked(browser, there, "ops")
    cookie = {"cookie": "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)}
    assert (await back(browser, refreshed)).headers["location"] == "/console/review"
    again = await service.open(app, SITE, **cookie)
    assert failure(await again.get("/console/oidc/callback", params=refreshed)) == "oidc_failed"
    # the secret is looked at, too
    wrong = await service.process(**set_up(service, **{**office, "oidc_client_secret": "wrong"}))
    last = await service.open(wrong, SITE)
    assert failure(await back(last, await asked(last, there, "ops"))) == "oidc_failed"
