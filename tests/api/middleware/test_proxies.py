"""Proxies: whose word counts, and what becomes of client, scheme, host and path."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from ix.api.middleware.proxies import Proxies, root_of
from ix.api.routing import header, headers
from ix.config import Settings
from ix.errors import ConfigError

TRUSTED = ("127.0.0.1", "10.0.0.0/8", "2001:db8::/32")
NEAR = ("127.0.0.1", 40000)


class Asked:
    """What the app sees, and what the client is answered."""

    def __init__(self, *fields: tuple[str, str], path: str = "/jobs", client: Any = NEAR, **settings: Any) -> None:
        pairs = [(name.lower().encode(), value.encode("latin-1")) for name, value in (("host", "ix:8080"), *fields)]
        given: Scope = {"type": "http", "scheme": "http", "path": path, "client": client, "headers": pairs}
        self.scope: Scope | None = None
        # whoever looks at a field before must not keep others from what the proxies say
        assert header(given, b"host") == b"ix:8080"
        self.messages: list[Message] = []
        app = Proxies(self._app, Settings(**{"trusted_proxies": TRUSTED, **settings}))
        asyncio.run(self._ask(app, given))

    async def _ask(self, app: Proxies, scope: Scope) -> None:
        await app(scope, self._receive, self._send)

    @property
    def seen(self) -> tuple[str, str, str]:
        """Address, scheme and host."""
        assert self.scope is not None
        [host] = headers(self.scope, b"host")
        assert header(self.scope, b"host") == host
        return self.scope["client"][0], self.scope["scheme"], host.decode()

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        await send({"type": "http.response.start", "status": 201, "headers": [(b"location", b"/jobs/1")]})

    async def _receive(self) -> Message:
        raise NotImplementedError

    async def _send(self, message: Message) -> None:
        self.messages.append(message)


XFF, FORWARDED = "X-Forwarded-For", "Forwarded"
AS_IT_CAME = ("127.0.0.1", "http", "ix:8080")


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        ([], AS_IT_CAME),
        ([(XFF, "203.0.113.7")], ("203.0.113.7", "http", "ix:8080")),
        # the client's own words stand before those of the proxy
        ([(XFF, "127.0.0.1, 203.0.113.7")], ("203.0.113.7", "http", "ix:8080")),
        ([(XFF, "198.51.100.1"), (XFF, "203.0.113.7, 10.1.1.1")], ("203.0.113.7", "http", "ix:8080")),
        ([(XFF, "10.0.0.1, 10.0.0.2")], ("10.0.0.1", "http", "ix:8080")),
        ([(XFF, "203.0.113.7:1234")], ("203.0.113.7", "http", "ix:8080")),
        ([(XFF, "[2001:db9::7]:443, 2001:db8::1")], ("2001:db9::7", "http", "ix:8080")),
        ([(XFF, "::ffff:203.0.113.7, ::ffff:10.0.0.1")], ("203.0.113.7", "http", "ix:8080")),
        # nobody knows who that is: the one who was trusted last
        ([(XFF, "203.0.113.7, unknown")], AS_IT_CAME),
        ([(XFF, "203.0.113.7, nonsense, 10.0.0.1")], ("10.0.0.1", "http", "ix:8080")),
        ([(XFF, "")], AS_IT_CAME),
        ([(XFF, "203.0.113.7, 999.1.1.1")], AS_IT_CAME),
        ([("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "ix.example")], ("127.0.0.1", "https", "ix.example")),
        ([(XFF, "1.1.1.1"), ("X-Forwarded-Proto", "https, http")], ("1.1.1.1", "http", "ix:8080")),
        ([(XFF, "1.1.1.1, 10.0.0.1"), ("X-Forwarded-Proto", "https, http")], ("1.1.1.1", "https", "ix:8080")),
        ([("X-Forwarded-Host", "evil.example, ix.example:443")], ("127.0.0.1", "http", "ix.example:443")),
        ([("X-Forwarded-Proto", "javascript"), ("X-Forwarded-Host", "a/b\"'<x>")], AS_IT_CAME),
        ([(FORWARDED, "for=203.0.113.7;proto=https;host=ix.example")], ("203.0.113.7", "https", "ix.example")),
        ([(FORWARDED, 'For="[2001:db9::7]:99"; Proto=HTTPS')], ("2001:db9::7", "https", "ix:8080")),
        ([(FORWARDED, "for=10.9.9.9;host=evil, for=1.1.1.1;host=ix.example")], ("1.1.1.1", "http", "ix.example")),
        ([(FORWARDED, "for=1.1.1.1;proto=https;host=ix.example, for=10.0.0.1")], ("1.1.1.1", "https", "ix.example")),
        ([(FORWARDED, "for=9.9.9.9"), (FORWARDED, "for=1.1.1.1")], ("1.1.1.1", "http", "ix:8080")),
        ([(FORWARDED, "for=_hidden;proto=https")], ("127.0.0.1", "https", "ix:8080")),
        (
            [(FORWARDED, "for=1.1.1.1;proto=https"), (XFF, "1.1.1.1"), ("X-Forwarded-Proto", "https")],
            ("1.1.1.1", "https", "ix:8080"),
        ),
    ],
)
def test_what_a_trusted_proxy_says(fields: list[tuple[str, str]], seen: tuple[str, str, str]) -> None:
    assert Asked(*fields).seen == seen


@pytest.mark.parametrize(
    "fields",
    [
        # the proxy writes one of the two, and passes on what the client wrote as the other
        [(XFF, "203.0.113.7"), (FORWARDED, "for=198.51.100.1")],
        [(FORWARDED, "for=203.0.113.7"), ("X-Forwarded-Host", "evil.example")],
        [(XFF, "203.0.113.7"), (FORWARDED, "for=203.0.113.7;host=evil.example")],
        [(XFF, "203.0.113.7"), (FORWARDED, "for=203.0.113.7;proto=https")],
        # a quote that the client opened, so that the proxy's word would stand within
        [(FORWARDED, 'for=", for=203.0.113.7')],
        [(FORWARDED, 'for=", for="[2001:db9::7]"')],
        [(FORWARDED, "nonsense")],
        [(FORWARDED, "for=1.1.1.1,")],
        [(FORWARDED, "")],
    ],
)
def test_what_is_at_odds_is_refused_but_health_is_answered(fields: list[tuple[str, str]]) -> None:
    asked = Asked(*fields)
    assert (asked.scope, asked.messages[0]["status"]) == (None, 400)
    assert Asked(*fields, path="/livez").seen == AS_IT_CAME


@pytest.mark.parametrize("client", [("203.0.113.9", 1), ("::1", 1), None])
def test_the_word_of_everybody_else_does_not_count(client: Any) -> None:
    said = [(XFF, "1.1.1.1"), ("X-Forwarded-Host", "evil.example"), ("X-Forwarded-Prefix", "/evil"), (FORWARDED, "x")]
    asked = Asked(*said, client=client)
    assert asked.scope is not None
    assert (asked.scope["client"], asked.scope["scheme"], root_of(asked.scope)) == (client, "http", "")
    assert (b"host", b"ix:8080") in asked.scope["headers"]
    assert Asked(*said, trusted_proxies=()).seen == AS_IT_CAME


@pytest.mark.parametrize(
    ("said", "path", "root", "location"),
    [
        ("/ix", "/jobs", "/ix", b"/ix/jobs/1"),
        ("/ix/", "/jobs", "/ix", b"/ix/jobs/1"),
        ("/evil, /ix", "/jobs", "/ix", b"/ix/jobs/1"),
        ("/ix\r\nset-cookie: a", "/jobs", "", b"/jobs/1"),
        ("//evil.example", "/jobs", "", b"/jobs/1"),
        ("/../evil", "/jobs", "", b"/jobs/1"),
        ("https://evil.example", "/jobs", "", b"/jobs/1"),
    ],
)
def test_a_prefix_stands_before_what_ix_gives(said: str, path: str, root: str, location: bytes) -> None:
    asked = Asked(("X-Forwarded-Prefix", said), path=path)
    assert asked.scope is not None
    assert (root_of(asked.scope), asked.scope["path"]) == (root, "/jobs")
    assert dict(asked.messages[0]["headers"])[b"location"] == location


def test_the_prefixes_of_several_proxies_stand_one_after_the_other() -> None:
    asked = Asked((XFF, "1.1.1.1, 10.0.0.1"), ("X-Forwarded-Prefix", "/evil, /a, /b"))
    assert asked.scope is not None
    assert root_of(asked.scope) == "/a/b"


@pytest.mark.parametrize("path", ["/jobs", "/ix/jobs"])
def test_a_root_path_may_be_taken_away_by_the_proxy_or_not(path: str) -> None:
    asked = Asked(path=path, root_path="/ix", trusted_proxies=())
    assert asked.scope is not None
    assert (asked.scope["path"], root_of(asked.scope)) == ("/jobs", "/ix")
    assert dict(asked.messages[0]["headers"])[b"location"] == b"/ix/jobs/1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IX_TRUSTED_PROXIES", "proxy.example"),
        ("IX_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("IX_ROOT_PATH", "ix"),
        ("IX_ROOT_PATH", "/a/../b"),
        ("IX_ROOT_PATH", "//evil"),
        ("IX_CORS_ORIGINS", "app.example"),
        ("IX_CORS_ORIGINS", "https://app.example/"),
        ("IX_CORS_ORIGINS", "null"),
        ("IX_CORS_ORIGINS", "*,https://app.example"),
        ("IX_CORS_ORIGINS", "https://*.app.example:x"),
        ("IX_TLS_KEY", "key.pem"),
    ],
)
def test_what_is_no_proxy_and_no_path_is_said_with_the_variables_name(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=r"^IX_TLS_CERT: " if name == "IX_TLS_KEY" else f"^{name}: "):
        Settings.from_env({name: value})


def test_origins_are_as_browsers_write_them() -> None:
    given = {"IX_CORS_ORIGINS": "HTTPS://App.example:443, http://[::1]:80,http://localhost:3000"}
    assert Settings.from_env(given).cors_origins == ("https://app.example", "http://[::1]", "http://localhost:3000")
