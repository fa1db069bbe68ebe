"""A service without keys: what of its own machine it answers, and what of others it refuses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from starlette.types import Scope

from ix.api.middleware import loopback
from ix.api.problems import Problem
from ix.config import Settings
from ix.config.addresses import is_loopback

Fields = Iterable[tuple[str, str]]
OWN_HOSTS = [
    *("127.0.0.1", "127.0.0.1:8080", "127.8.9.10", "localhost", "LOCALHOST:1", "localhost.:80", "ix.localhost:8080"),
    *("[::1]", "[::1]:8080", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]:80"),
]
FOREIGN_HOSTS = [
    *("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "127.0.0.1.evil.example:8080", "localhost-evil"),
    *(
        "evil",
        "web:8080",
        "ix",
        "a.localhost.evil",
        "localhost..",
        ".localhost.",
        "xlocalhost",
        "localhost.localdomain",
    ),
    *("0.0.0.0", "0", "10.0.0.1", "192.168.1.5:8080", "169.254.169.254", "128.0.0.1", "127.1", "2130706433"),
    *("0x7f.0.0.1", "0177.0.0.1", "127.0.0.1.", "[::]", "[fe80::1]", "[::ffff:10.0.0.1]", "[2001:db8::1]:80", "::1"),
    *("", ":8080", "%2Frun%2Fix.sock", "/run/ix.sock", "unix", "localhost@evil.example", "localhost:80@evil.example"),
    *("evil.example#localhost", "localhost/evil", "localhost\\evil", "localhost evil", "localhost,evil.example"),
    *("a" * 300, "a." * 140 + "localhost"),
    *("localhost:99999", "localhost:", "localhost:x", "[::1", "::1]", "[::1]x", "[localhost]", "\xff", "localhost\x00"),
]
ODD = {"127.0.0.1.", "localhost:"}
"""Hosts that look foreign and are this machine all the same: an address and a port that end in nothing."""
PROXIED = [
    *(
        "Forwarded",
        "Via",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded",
    ),
    *("X-Forwarded-Prefix", "X-Forwarded-Server", "X-Forwarded-Anything", "X-Real-IP", "X-Client-IP", "Client-IP"),
    *("CF-Connecting-IP", "CF-Ray", "CDN-Loop", "True-Client-IP", "Fastly-Client-IP", "X-Cluster-Client-IP"),
    *("X-Envoy-External-Address", "X-Amzn-Trace-Id", "X-Azure-ClientIP", "Fly-Client-IP", "X-Original-Host"),
    *("X_Forwarded_For", "Proxy-Connection", "Proxy-Authorization", "X-ProxyUser-Ip", "Tailscale-User-Login"),
    *("X-Original-Forwarded-For", "X-Original-URL", "X-Rewrite-URL", "X-Cloud-Trace-Context", "Surrogate-Capability"),
]
STRANGERS: list[Fields] = [
    *(
        [("origin", origin)]
        for origin in ("https://evil.example", "null", "http://localhost:3000", "https://localhost")
    ),
    *([("origin", origin)] for origin in ("http://localhost.evil.example", "http://127.0.0.1", "localhost", "", "://")),
    *([("origin", origin)] for origin in ("http://localhost@evil.example", "http://localhost/x", "file://", "\xff")),
    [("origin", "http://localhost"), ("origin", "https://evil.example")],
    *([("sec-fetch-site", site)] for site in ("cross-site", "same-site", "Same-Origin", "", "none, cross-site")),
    [("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
]
NEIGHBOURS: list[Fields] = [
    [],
    [("origin", "http://localhost")],
    [("origin", "HTTP://LOCALHOST:80")],
    [("sec-fetch-site", "none")],
    [("sec-fetch-site", "same-origin"), ("origin", "http://localhost")],
    [("x-request-id", "r-1"), ("traceparent", "00-0"), ("user-agent", "curl"), ("te", "trailers"), ("from", "me")],
]


def asked(host: str | None = "localhost", fields: Fields = (), **scope: Any) -> Scope:
    """A request's scope, fields in Latin-1."""
    named = [] if host is None else [("host", host)]
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (*named, *fields)]
    return {"type": "http", "http_version": "1.1", "scheme": "http", "headers": headers, **scope}


def refused(scope: Scope, **settings: Any) -> loopback.Refusal | None:
    """The refusal, also for what is no request at all."""
    try:
        loopback.require_host(scope)
    except Problem as problem:
        return loopback.Refusal(scope, problem.status, problem.detail)
    return loopback.refusal(scope, Settings(**settings))


@pytest.mark.parametrize("host", [*OWN_HOSTS, *sorted(ODD)])
def test_this_machine_is_served_under_each_of_its_names(host: str) -> None:
    assert refused(asked(host)) is None


@pytest.mark.parametrize("host", [host for host in FOREIGN_HOSTS if host not in ODD])
def test_a_foreign_host_is_not(host: str) -> None:
    assert refused(asked(host)) is not None


def test_nor_is_a_call_for_no_host_or_several() -> None:
    assert refused(asked(None)) is not None
    assert refused(asked(None, http_version="1.0")) is not None
    assert refused(asked("localhost", [("host", "evil.example")])) is not None
    assert refused(asked("localhost", [("host", "localhost")])) is not None


@pytest.mark.parametrize("hosts", [[], ["a.example", "b.example"], ["a.example", "a.example"], ["a b"], ["a" * 300]])
def test_with_keys_too_a_call_is_for_one_host(hosts: list[str]) -> None:
    fields = [("host", host) for host in hosts]
    with pytest.raises(Problem) as refusal:
        loopback.require_host(asked(None, fields))
    assert refusal.value.status == 400
    loopback.require_host(asked("ix.example:443"))


@pytest.mark.parametrize("name", PROXIED)
def test_whoever_comes_through_a_proxy_is_told_to_make_a_key(name: str) -> None:
    refusal = refused(asked(fields=[(name, "127.0.0.1")]))
    assert refusal is not None
    assert refusal.status == 403
    assert "ix keys add" in refusal.detail


@pytest.mark.parametrize("fields", STRANGERS)
def test_a_page_of_another_site_is_kept_out(fields: Fields) -> None:
    assert refused(asked(fields=fields)) is not None


@pytest.mark.parametrize("fields", NEIGHBOURS)
def test_this_machines_own_pages_and_programs_are_not(fields: Fields) -> None:
    assert refused(asked(fields=fields)) is None


def test_an_origin_is_compared_with_its_scheme_and_port() -> None:
    assert refused(asked("localhost:8080", [("origin", "http://localhost:8080")])) is None
    assert refused(asked("localhost", [("origin", "https://localhost")], scheme="https")) is None
    assert refused(asked("localhost:443", [("origin", "https://localhost")], scheme="https")) is None
    assert refused(asked("localhost:8080", [("origin", "http://127.0.0.1:8080")])) is not None


@pytest.mark.parametrize(
    ("address", "answer"), [("127.0.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("10.0.0.1", False)]
)
def test_whoever_is_elsewhere_is_refused_though_the_address_is_loopback(address: str, answer: bool) -> None:
    assert (refused(asked(client=(address, 1))) is None) is answer


def test_a_browser_gets_a_page_that_says_what_to_do() -> None:
    evil = "<script>alert(1)</script>"
    scope = asked(fields=[("accept", "text/html,*/*;q=0.8"), ("x-forwarded-host", evil), ("origin", evil)])
    refusal = refused(scope)
    assert refusal is not None
    answer = refusal.answer()
    page = bytes(answer.body).decode()
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "ix keys add CLIENT" in page
    assert "script" not in page
    assert answer.headers["content-security-policy"] == "default-src 'none'"


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        *(("127.0.0.2", True), ("::1", True), ("localhost", True), ("::ffff:127.0.0.1", True)),
        *(("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("example.com", False), ("", False)),
    ],
)
def test_where_web_listens(host: str, answer: bool) -> None:
    assert is_loopback(host) is answer
    assert (refused(asked(), host=host) is None) is answer
