"""`/console/oidc/login` and `/console/oidc/callback`: to the provider and back, in one browser.

All that has to be remembered meanwhile is 256 random bits, in a cookie of that browser. What goes over the wire is made
of them and tells nothing of them: the state, by which a browser that did not ask is found out; the nonce, by which a
token of another sign-in is; and the verifier (PKCE, RFC 7636), without which a code that somebody saw is worth
nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import NamedTuple
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from ix.api.console import cookies
from ix.api.console.oidc.failures import NotSignedInThereError, failed
from ix.api.console.oidc.provider import Described, Provider
from ix.api.console.pages import SAFE
from ix.api.console.session import begin
from ix.api.middleware.loopback import is_host
from ix.api.middleware.proxies import root_of
from ix.api.problems import Problem
from ix.api.routing import PublicRoute, header
from ix.api.services import services_of
from ix.database.sessions import Person
from ix.telemetry.log import Event, log

LABEL = "-login"
LOGIN_SECONDS = 600
"""How long somebody may take at the provider."""
MOST_CHARACTERS = 4096
"""Of a code, and of anything else that comes back."""
_PLACE = re.compile(r"/console/(?!api/|oidc/|assets/)[A-Za-z0-9_.~/-]*(?:\?[A-Za-z0-9_.~/%&=:+,@!$'()*;-]*)?")
_HOME = "/console/jobs"
_CALLBACK = "/console/oidc/callback"


class Secret(NamedTuple):
    """What one sign-in is made of, and where it leads to."""

    seed: str
    place: str

    @classmethod
    def of(cls, value: str) -> Secret | None:
        """From a cookie; None for what is none."""
        seed, _, place = value.partition(".")
        # a place that is none leads to the jobs; a seed that is none is no sign-in of this browser
        try:
            decoded = base64.urlsafe_b64decode(place).decode()
        except ValueError:
            return None
        return cls(seed, placed(decoded)) if len(seed) == 43 and seed.isascii() else None

    @property
    def cookie(self) -> str:
        """As a cookie holds it."""
        return f"{self.seed}.{base64.urlsafe_b64encode(self.place.encode()).decode()}"

    def derived(self, label: str) -> str:
        """43 letters that tell nothing of the seed."""
        made = hmac.digest(self.seed.encode(), label.encode(), "sha256")
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()


def placed(to: str) -> str:
    """Where to go afterwards: a page of the console, whatever is asked for."""
    return to if _PLACE.fullmatch(to) and "//" not in to and ".." not in to else _HOME


async def login(request: Request) -> Response:
    """Leads the browser to the provider, with all that tells its way back from anybody else's."""
    cookies.require_safe(request.scope)
    secret = Secret(cookies.new_token(), placed(request.query_params.get("to", "")))
    try:
        described = await _provider(request).described()
    except NotSignedInThereError as error:
        return _back(request, error, secret.place)
    settings = services_of(request).settings
    challenge = hashlib.sha256(secret.derived("verifier").encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": settings.oidc_client_id,
        "redirect_uri": _redirect_uri(request),
        "scope": settings.oidc_scope,
        "state": secret.derived("state"),
        "nonce": secret.derived("nonce"),
        "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    sign = "&" if "?" in described.authorization else "?"
    # the way back comes from another site, so that a strict cookie would stay behind
    cookie = cookies.written(request.scope, secret.cookie, LOGIN_SECONDS, LABEL, "Lax")
    return _led(f"{described.authorization}{sign}{urlencode(asked)}", cookie)


async def callback(request: Request) -> Response:
    """Comes from the provider: with a code, which becomes a session, or with an error."""
    services, secret = services_of(request), Secret.of(cookies.value_of(request.scope, LABEL))
    services.visitors.tries.count(request.scope)
    place = secret.place if secret else _HOME
    try:
        person = await _person(request, secret)
        caller = services.visitors.signed_in.caller_of(person)
        if caller is None:
            raise NotSignedInThereError("oidc_no_role", "the person has no role that gives a right")
    except NotSignedInThereError as error:
        return _back(request, error, place)
    return _led(place, await begin(request, person, caller), cookies.written(request.scope, "", 0, LABEL, "Lax"))


async def _person(request: Request, secret: Secret | None) -> Person:
    """Who has signed in at the provider. Raises `NotSignedInThereError`."""
    # whatever is longer was not made by a provider
    given = {name: value for name, value in request.query_params.items() if len(value) <= MOST_CHARACTERS}
    if secret is None or not hmac.compare_digest(given.get("state", "").encode(), secret.derived("state").encode()):
        raise NotSignedInThereError("oidc_again", "this browser did not ask, or long ago")
    # the state first: until it is this browser's, the provider is not asked for anything
    provider, signed_in = _provider(request), services_of(request).visitors.signed_in
    _require_issuer(request, given.get("iss"), await provider.described())
    # its words are not passed on: they would be text of somebody else on a page of ix
    if "error" in given or "code" not in given:
        raise NotSignedInThereError("oidc_refused", "the provider said no")
    derived = secret.derived("verifier"), secret.derived("nonce")
    redeemed = await provider.redeem(given["code"], *derived, _redirect_uri(request))
    person = signed_in.person_of(redeemed.claims)
    # many providers tell of groups only where they are asked once more
    return person if person.roles else signed_in.person_of(await provider.more_of(redeemed))


def _require_issuer(request: Request, named: str | None, described: Described) -> None:
    """Raises `NotSignedInThereError` where another provider answers than the one that was asked: its code must not be
    shown to this one (RFC 9207)."""
    if named is None and not described.names_itself:
        return
    if named != services_of(request).settings.oidc_issuer:
        raise failed("another provider answers, or none is named")


def _provider(request: Request) -> Provider:
    provider = services_of(request).visitors.provider
    assert provider is not None
    return provider


def _redirect_uri(request: Request) -> str:
    """Where the provider leads back to, as it knows ix."""
    # behind a proxy that hides its own name, the settings know it
    public = services_of(request).settings.public_url.rstrip("/")
    if public:
        return f"{public}{_CALLBACK}"
    host = header(request.scope, b"host") or b""
    if not is_host(host):
        raise Problem(400, "host: the Host field may not stand in an address")
    return f"{request.scope['scheme']}://{host.decode()}{root_of(request.scope)}{_CALLBACK}"


def _back(request: Request, error: NotSignedInThereError, place: str) -> Response:
    """To the sign-in, which says what went wrong."""
    log(Event.SIGN_IN_REFUSED, by="oidc", code=error.told, reason=error.reason)
    query = urlencode({"error": error.told, "to": place})
    return _led(f"/console/sign-in?{query}", cookies.written(request.scope, "", 0, LABEL, "Lax"))


def _led(address: str, *set_cookies: str) -> Response:
    # 303: the browser asks for the next page with GET, whatever led it here
    answer = Response(status_code=303, headers={**SAFE, "cache-control": "no-store", "location": address})
    for cookie in set_cookies:
        answer.headers.append("set-cookie", cookie)
    return answer


ROUTES = [
    PublicRoute("/console/oidc/login", login, methods=["GET"]),
    PublicRoute("/console/oidc/callback", callback, methods=["GET"]),
]
