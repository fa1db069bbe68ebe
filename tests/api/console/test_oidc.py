"""Signing in at an OpenID provider: there and back, and every way in which that must fail."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from starlette.applications import Starlette

from ix.api.console.oidc import provider as module
from ix.api.console.oidc.flow import placed
from ix.api.console.oidc.id_token import keys_of
from ix.api.console.roles import Roles, name_of
from ix.config import Settings
from ix.errors import ConfigError
from tests.api.console.conftest import SITE, Browser, Service
from tests.api.console.oidc_provider import ISSUER, SECRET, Claims, FakeProvider, ec_key, rsa_key, unread
from tests.api.console.test_session import token_of
from tests.logs import Log

ROLES = {"accounts": ["view", "review"], "ops": ["view", "operate", "administer"]}
OFFICE: dict[str, Any] = {
    "oidc_issuer": ISSUER,
    "oidc_client_id": "ix",
    "oidc_client_secret": SECRET,
    "oidc_roles": ROLES,
}


def set_up(service: Service, **changes: Any) -> dict[str, Any]:
    """The settings, checked as those of a process are."""
    made = Settings(postgres_url=service.settings.postgres_url, **{**OFFICE, **changes})
    return {name: getattr(made, name) for name in Settings.model_fields if name.startswith("oidc_") or name in changes}


class Office:
    """A service before a provider, and a browser before both."""

    def __init__(self, app: Starlette, there: FakeProvider, browser: Browser) -> None:
        self.app, self.there, self.browser = app, there, browser

    async def asked(self, to: str = "/console/jobs") -> dict[str, str]:
        """Goes to the provider and signs in there: what it gives the browser to bring back."""
        led = await self.browser.get("/console/oidc/login", params={"to": to})
        assert led.status_code == 303
        return self.there.authorize(led.headers["location"])

    async def back(self, **brought: str) -> httpx.Response:
        # another site has led the browser here
        headers = {"sec-fetch-site": "cross-site"}
        return await self.browser.get("/console/oidc/callback", params=brought, headers=headers)

    async def sign_in(self, to: str = "/console/jobs") -> httpx.Response:
        return await self.back(**await self.asked(to))

    async def failure(self) -> str:
        """Why a sign-in came to nothing."""
        return failure(await self.sign_in())


def failure(answer: httpx.Response) -> str:
    address = urlsplit(answer.headers["location"])
    assert (answer.status_code, address.path) == (303, "/console/sign-in")
    assert not any(one.startswith("__Host-ix=") for one in answer.headers.get_list("set-cookie"))
    return parse_qs(address.query)["error"][0]


Opens = Callable[..., Awaitable[Office]]


@pytest.fixture
def opens(service: Service) -> Opens:
    async def made(**changes: Any) -> Office:
        app, there = await service.process(**set_up(service, **changes)), FakeProvider()
        app.state.services.visitors.provider._client = there.client
        return Office(app, there, await service.open(app))

    return made


async def test_a_person_has_the_rights_of_its_roles_and_the_name_that_others_read(
    opens: Opens, service: Service
) -> None:
    office = await opens()
    assert (await office.browser.get("/console/session")).json()["oidc"] is True
    answer = await office.sign_in("/console/jobs?status=error")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/jobs?status=error")
    login, session = sorted(answer.headers.get_list("set-cookie"), reverse=True)
    assert login.startswith("__Host-ix=") == session.startswith("__Host-ix-login=; ")
    who = (await office.browser.get("/console/session")).json()
    who.pop("ends_at")
    assert who == {
        "name": "Anna Weber (anna@example.org)",
        "client_id": None,
        "key_id": None,
        "may": ["view", "review"],
        "use_cases": None,
        "open": False,
        "oidc": True,
        "drafts": True,
    }
    assert (await office.browser.get("/console/api/jobs")).status_code == 200
    assert (await office.browser.post("/console/api/jobs", json={})).status_code == 403
    assert (await office.browser.get("/console/api/audit")).status_code == 403
    [entry] = await service.pool.fetch("SELECT who, key_id, what, detail FROM audit")
    assert (entry["who"], entry["key_id"], entry["what"]) == ("Anna Weber (anna@example.org)", None, "session.start")
    assert entry["detail"] == {"issuer": ISSUER, "subject": "7"}


async def test_a_provider_closes_a_service_without_keys(opens: Opens) -> None:
    office = await opens()
    for path in ("/jobs", "/console/api/jobs"):
        assert (await office.browser.get(path)).status_code == 401
    assert (await office.browser.get("/console/jobs")).status_code == 200


async def test_the_roles_that_are_set_now_count_and_another_providers_session_does_not(
    opens: Opens, service: Service
) -> None:
    office = await opens()
    await office.sign_in()
    token = token_of(office.browser)

    async def may(**changes: Any) -> Any:
        app = await service.process(**set_up(service, **changes))
        browser = await service.open(app, cookie=f"__Host-ix={token}")
        answer = await browser.get("/console/session")
        return answer.json()["may"] if answer.status_code == 200 else answer.status_code

    assert await may() == ["view", "review"]
    assert await may(oidc_roles={"accounts": ["view"]}) == ["view"]
    assert await may(oidc_roles={"ops": ["view"]}) == 401
    assert await may(oidc_issuer="https://other.example") == 401
    # people are bound to clients now, and this one to none
    assert await may(oidc_client_claim="company") == 401


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"company": "acme", "groups": ["ops"]}, ("acme", ["view", "operate"])),
        ({"company": "acme", "groups": "accounts"}, ("acme", ["view", "review"])),
        ({"company": ["acme"], "groups": ["accounts"]}, ("acme", ["view", "review"])),
        ({"company": ["acme", "other"], "groups": ["accounts"]}, None),
        ({"company": "", "groups": ["accounts"]}, None),
        ({"company": {"$ne": 1}, "groups": ["accounts"]}, None),
        ({"groups": ["accounts"]}, None),
        ({"groups": ["ops", "accounts"]}, (None, ["view", "review", "operate", "administer"])),
        ({"company": "acme", "groups": []}, None),
        ({"company": "acme", "groups": ["others", 7, None]}, None),
        ({"company": "acme", "groups": {"accounts": True}}, None),
        ({"company": "acme"}, None),
    ],
)
def test_claims_bind_a_person_to_a_client_and_to_rights(
    claims: Claims, expected: tuple[str | None, list[str]] | None
) -> None:
    roles = Roles(Settings(**{**OFFICE, "oidc_client_claim": "company"}))
    caller = roles.caller(roles.person({"sub": "7", **claims}))
    order = ["view", "review", "operate", "administer"]
    assert expected == (caller and (caller.client_id, [right for right in order if caller.allows(right)]))


@pytest.mark.parametrize("claim", ["realm_access.roles", "https://ix.example/roles"])
async def test_roles_may_stand_deeper_or_under_an_address(opens: Opens, claim: str) -> None:
    office = await opens(oidc_claim=claim)
    office.there.person |= {"realm_access": {"roles": ["accounts"]}, "https://ix.example/roles": ["accounts"]}
    assert (await office.sign_in()).headers["location"] == "/console/jobs"


async def test_roles_may_be_told_where_the_provider_is_asked_once_more(opens: Opens) -> None:
    office = await opens()
    del office.there.person["groups"]
    assert await office.failure() == "oidc_no_role"
    office.there.in_userinfo = {"groups": ["accounts"], "sub": "8"}
    assert await office.failure() == "oidc_failed"
    office.there.in_userinfo = {"groups": ["accounts"]}
    assert (await office.sign_in()).headers["location"] == "/console/jobs"


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"name": "Anna Weber", "email": "a@x.org"}, "Anna Weber (a@x.org)"),
        ({"name": "Anna Weber", "email": "a@x.org", "email_verified": False}, "Anna Weber (7)"),
        ({"email": "a@x.org", "preferred_username": "anna"}, "a@x.org"),
        ({"preferred_username": "anna", "name": 5}, "anna"),
        ({"name": "Anna\u202e\x00\n Weber"}, "Anna Weber (7)"),
        ({"name": "x" * 9000}, f"{'x' * 100} (7)"),
        ({}, "7"),
    ],
)
def test_a_name_is_one_line_and_tells_people_apart(claims: Claims, name: str) -> None:
    assert name_of({"sub": "7", **claims}) == name


def without_signature(token: str) -> str:
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def signed_with_the_secret(token: str) -> str:
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    return jwt.encode({"alg": "HS256", "kid": "shared"}, claims, OctKey.import_key(b"secret" * 6))


def of_somebody_else(token: str) -> str:
    header, payload, signature = token.split(".")
    claims = {**json.loads(base64.urlsafe_b64decode(payload + "==")), "sub": "root"}
    return f"{header}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b'=').decode()}.{signature}"


FORGED = [
    without_signature,
    signed_with_the_secret,
    of_somebody_else,
    lambda _: "x",
    lambda _: "a.b.c",
    lambda t: t[:-4],
]
WRONG: dict[str, Callable[[Claims], Claims]] = {
    "issuer": lambda c: {**c, "iss": "https://evil.example"},
    "issuer, with a slash": lambda c: {**c, "iss": c["iss"] + "/"},
    "audience": lambda c: {**c, "aud": "other"},
    "no audience": lambda c: {name: value for name, value in c.items() if name != "aud"},
    "several audiences, no party": lambda c: {**c, "aud": ["ix", "other"]},
    "another party": lambda c: {**c, "aud": ["ix", "other"], "azp": "other"},
    "expired": lambda c: {**c, "exp": c["iat"] - 61},
    "no expiry": lambda c: {name: value for name, value in c.items() if name != "exp"},
    "expiry in words": lambda c: {**c, "exp": "9999999999"},
    "issued tomorrow": lambda c: {**c, "iat": c["iat"] + 86_400},
    "begins tomorrow": lambda c: {**c, "nbf": c["iat"] + 86_400},
    "nonce": lambda c: {**c, "nonce": "x" * 43},
    "no nonce": lambda c: {name: value for name, value in c.items() if name != "nonce"},
    "no subject": lambda c: {**c, "sub": ""},
    "subject with a NUL": lambda c: {**c, "sub": "a\x00"},
}


async def test_a_token_that_is_wrong_in_anything_lets_nobody_in(opens: Opens, service: Service) -> None:
    office = await opens()
    office.app.state.services.visitors.tries._clock = iter(range(0, 10**6, 60)).__next__
    for name, change in WRONG.items():
        office.there.change = change
        assert await office.failure() == "oidc_failed", name
    office.there.change = lambda claims: claims
    for forge in FORGED:
        office.there.forge = forge
        assert await office.failure() == "oidc_failed", forge
    assert await service.pool.fetchval("SELECT count(*) FROM sessions") == 0
    # clocks may differ by a little
    office.there.forge = lambda token: token
    office.there.change = lambda c: {**c, "exp": c["iat"] - 50, "iat": c["iat"] + 50, "aud": ["ix", "o"], "azp": "ix"}
    assert (await office.sign_in()).headers["location"] == "/console/jobs"


async def test_a_code_that_is_not_this_browsers_lets_nobody_in(opens: Opens, service: Service) -> None:
    office = await opens()
    office.app.state.services.visitors.tries._clock = iter(range(0, 10**6, 60)).__next__
    victim = Office(office.app, office.there, await service.open(office.app))
    stolen = await office.asked()
    # nobody asked, or somebody else did: a page leads the victim here with the attacker's code
    assert failure(await victim.back(**stolen)) == "oidc_again"
    own = await victim.asked()
    assert failure(await victim.back(**stolen)) == "oidc_again"
    own = await victim.asked()
    # the code of another sign-in, whose verifier this browser has not
    assert failure(await victim.back(**{**own, "code": stolen["code"]})) == "oidc_failed"
    for changed in ({"state": "x" * 43}, {"state": ""}, {"state": "\udcff".encode("utf-8", "replace").decode()}):
        assert failure(await victim.back(**{**await victim.asked(), **changed})) == "oidc_again"
    for changed in ({"iss": "https://evil.example"}, {"iss": ""}):
        assert failure(await victim.back(**{**await victim.asked(), **changed})) == "oidc_failed"
    without = await victim.asked()
    del without["iss"]
    assert failure(await victim.back(**without)) == "oidc_failed"
    # a code counts once
    once = await victim.asked()
    cookie = {"cookie": "; ".join(f"{one.name}={one.value}" for one in victim.browser.cookies.jar)}
    assert (await victim.back(**once)).headers["location"] == "/console/jobs"
    victim.browser.cookies.clear()
    again = await victim.browser.get("/console/oidc/callback", params=once, headers=cookie)
    assert failure(again) == "oidc_failed"


async def test_what_the_provider_refuses_is_told_in_words_of_ix_and_nothing_secret_is_logged(
    opens: Opens, log: Log
) -> None:
    office = await opens()
    asked = await office.asked()
    refused = await office.back(error="access_denied", error_description="<script>", state=asked["state"], iss=ISSUER)
    assert failure(refused) == "oidc_refused"
    assert "script" not in refused.headers["location"]
    brought = await office.asked()
    cookies = [str(one.value) for one in office.browser.cookies.jar]
    await office.back(**brought)
    told = "\n".join(log.lines)
    assert "the provider said no" in told
    for secret in (*cookies, *brought.values(), SECRET, token_of(office.browser), "at"):
        assert secret == ISSUER or secret == "at" or secret not in told
    assert "anna" not in told.lower()


async def test_a_renewed_key_works_at_once_and_unknown_ones_do_not_make_ix_ask_each_time(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await opens()
    office.app.state.services.visitors.tries._clock = iter(range(0, 10**6, 60)).__next__
    await office.sign_in()
    monkeypatch.setattr(module, "RENEWAL_SECONDS", -1.0)
    office.there.keys = [rsa_key("two"), ec_key("one")]
    assert (await office.sign_in()).headers["location"] == "/console/jobs"
    monkeypatch.setattr(module, "RENEWAL_SECONDS", 10.0)
    office.there.keys = [ec_key("three")]
    before = [path for path, _ in office.there.asked].count("jwks")
    for _ in range(3):
        assert await office.failure() == "oidc_failed"
    assert [path for path, _ in office.there.asked].count("jwks") == before == 2
    assert [path for path, _ in office.there.asked].count(".well-known/openid-configuration") == 1


async def test_of_what_a_provider_publishes_only_keys_that_sign_count() -> None:
    there = FakeProvider()
    there.keys = [ec_key("one"), rsa_key("two")]
    published = json.loads(await (await there.client.get(f"{ISSUER}/jwks")).aread())
    assert len(published["keys"]) == 8
    assert [key.kid for key in keys_of(published)] == ["one", "two"]
    nonsense: Any
    for nonsense in (None, [], {}, {"keys": {}}, {"keys": [5]}):
        assert keys_of(nonsense) == []


def answer_of(content: bytes, status: int = 200) -> Callable[[], httpx.Response]:
    return lambda: unread(content, status)


def broken() -> httpx.Response:
    raise httpx.ConnectError("down")


METADATA: list[Claims] = [
    {"issuer": ISSUER + "/"},
    {"issuer": None},
    {"token_endpoint": "http://login.example/token"},
    {"jwks_uri": "file:///etc/passwd"},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": "https://login.example/\r\nset-cookie: a=b"},
    {"token_endpoint": None},
    {"token_endpoint": "https://[x"},
]


async def test_a_provider_that_is_down_or_talks_nonsense_lets_nobody_in(
    opens: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = await opens()
    monkeypatch.setattr(module, "RENEWAL_SECONDS", -1.0)

    async def login() -> str:
        return failure(await office.browser.get("/console/oidc/login"))

    for metadata in METADATA:
        office.there.metadata = metadata
        assert await login() == "oidc_failed", metadata
    discovery = ".well-known/openid-configuration"
    for answer in (broken, answer_of(b"", 302), answer_of(b"[]"), answer_of(b"{"), answer_of(b"[" * 5000)):
        office.there.answers = {discovery: answer}
        assert await login() == "oidc_failed"
    office.there.answers = {discovery: answer_of(b" " * (module.MAX_BYTES + 1))}
    assert await login() == "oidc_failed"
    # one that does not answer is not asked again by everybody who waits
    monkeypatch.setattr(module, "RENEWAL_SECONDS", 10.0)
    asked = len(office.there.asked)
    assert await login() == "oidc_failed"
    assert len(office.there.asked) == asked
    monkeypatch.setattr(module, "RENEWAL_SECONDS", -1.0)
    office.there.metadata, office.there.answers = {}, {}
    for path, answer in (("jwks", answer_of(b'{"keys": 5}')), ("token", answer_of(b"{}")), ("token", broken)):
        office.there.answers = {path: answer}
        assert await office.failure() == "oidc_failed"
    office.there.answers = {}
    assert (await office.sign_in()).headers["location"] == "/console/jobs"


async def test_a_public_client_and_one_whose_secret_goes_into_the_body(opens: Opens, service: Service) -> None:
    office = await opens()
    office.there.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert (await office.sign_in()).headers["location"] == "/console/jobs"
    assert "authorization" not in next(fields for path, fields in office.there.asked if path == "token")
    public = await opens(oidc_client_secret="")
    assert await public.failure() == "oidc_failed"


async def test_the_way_back_is_where_the_client_finds_ix(opens: Opens) -> None:
    office = await opens()
    led = await office.browser.get("/console/oidc/login")
    assert parse_qs(urlsplit(led.headers["location"]).query)["redirect_uri"] == [f"{SITE}/console/oidc/callback"]
    cookie = led.headers["set-cookie"]
    assert cookie.startswith("__Host-ix-login=")
    assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600")
    named = await opens(public_url="https://docs.example/ix")
    led = await named.browser.get("/console/oidc/login")
    expected = ["https://docs.example/ix/console/oidc/callback"]
    assert parse_qs(urlsplit(led.headers["location"]).query)["redirect_uri"] == expected


async def test_tries_are_counted_here_too(opens: Opens) -> None:
    office = await opens()
    statuses = [(await office.back(code="x", state="y")).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]


@pytest.mark.parametrize(
    "to",
    [
        *(
            "",
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/console/../jobs",
            "/console//evil.example",
        ),
        *(
            "/console/api/jobs",
            "/console/oidc/login",
            "/console/jobs\r\nx: y",
            "/console/jobs#x",
            "javascript:alert(1)",
        ),
        *("/console/jobs?q=<script>", "/jobs", "/consolejobs", "/console/jobs?to=//evil"),
    ],
)
def test_one_is_led_to_pages_of_the_console_alone(to: str) -> None:
    assert placed(to) == "/console/jobs"


@pytest.mark.parametrize("to", ["/console/review/00000000017f3a9c?field=lines.1.unit_price", "/console/jobs?q=a%20b"])
def test_one_is_led_back_to_where_one_was(to: str) -> None:
    assert placed(to) == to


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ({"IX_OIDC_ISSUER": "http://login.example"}, "IX_OIDC_ISSUER: must be https"),
        ({"IX_OIDC_ISSUER": "login.example"}, "IX_OIDC_ISSUER: 'login.example' is no address"),
        ({"IX_OIDC_ISSUER": "https://a:b@login.example"}, "IX_OIDC_ISSUER: "),
        ({"IX_OIDC_ISSUER": ISSUER}, "IX_OIDC_CLIENT_ID, IX_OIDC_ROLES"),
        ({"IX_OIDC_ROLES": "{"}, "IX_OIDC_ROLES: is no JSON"),
        ({"IX_OIDC_ROLES": "[]"}, "IX_OIDC_ROLES: is no object"),
        ({"IX_OIDC_ROLES": '{"a": "view"}'}, "IX_OIDC_ROLES: 'a' has no list"),
        ({"IX_OIDC_ROLES": '{"a": ["fly"]}'}, "IX_OIDC_ROLES: 'fly' is none of"),
        (
            {
                "IX_OIDC_ISSUER": ISSUER,
                "IX_OIDC_CLIENT_ID": "ix",
                "IX_OIDC_ROLES": '{"a": ["view"]}',
                "IX_OIDC_SCOPE": "x",
            },
            "IX_OIDC_SCOPE: must hold openid",
        ),
    ],
)
def test_settings_that_cannot_be_are_refused_at_the_start(env: dict[str, str], said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Settings.from_env(env)
    assert str(refused.value).startswith(said)
