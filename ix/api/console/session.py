"""`/console/session`: sign in with a key, who am I, sign out. The key is sent once and kept nowhere in the browser."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ix import untrusted
from ix.api.console import cookies
from ix.api.console.origin import require_own_page
from ix.api.console.sessions import SESSION
from ix.api.middleware.auth import CHALLENGE
from ix.api.problems import PROBLEM, Problem, invalid, invalid_fields
from ix.api.routing import PublicRoute
from ix.api.services import services_of
from ix.api.submission.reading import JSON, media_type
from ix.database.keys import EVERYBODY, RIGHTS, Caller
from ix.database.sessions import IDLE, LONGEST, Person
from ix.errors import InvalidInput
from ix.telemetry.log import Event, log

MAX_BYTES = 4096
"""Of a body with a key: it is read for everybody."""
FORGET = '"cache", "storage"'
"""What a browser forgets at the sign-out: pictures of pages, and drafts of corrections."""


class SignIn(BaseModel):
    """What is sent to sign in."""

    model_config = ConfigDict(extra="forbid")

    key: SecretStr


class Who(BaseModel):
    """Who is signed in. `open`: there are no keys, so that everybody of this machine may do everything. `oidc`: one can
    sign in at an OpenID provider. `drafts`: corrections that are not sent yet may be kept in the browser. `ends_at`:
    when the session ends unless it is used; null where there is none."""

    name: str
    client_id: str | None
    key_id: str | None
    may: Sequence[str]
    use_cases: Sequence[str] | None
    open: bool
    oidc: bool
    drafts: bool
    ends_at: datetime | None


class NotSignedIn(Problem):
    """401 that says, in a member of its own (RFC 9457, 3.2), whether there is another way in than a key."""

    def __init__(self, oidc: bool) -> None:
        super().__init__(401, "sign in: there is no session, or it has ended", headers=CHALLENGE)
        self._oidc = oidc

    def answer(self) -> Response:
        """The problem document with that member."""
        document = {**self.document().model_dump(exclude_defaults=True), "oidc": self._oidc}
        return JSONResponse(document, self.status, self.headers, PROBLEM)


async def sign_in(request: Request) -> Response:
    """A session of the key in the body, in place of the one that the browser has. One that is made before somebody
    signs in never becomes theirs (OWASP ASVS 5.0, 7.2.4)."""
    require_own_page(request.scope)
    authenticator = services_of(request).authenticator
    if not await authenticator.has_keys():
        raise Problem(409, "the service has no keys: nobody signs in, and this machine may do everything")
    # before the key is read, which may have come over a wire that others read
    cookies.require_safe(request.scope)
    services_of(request).visitors.tries.count(request.scope)
    key = await _key(request)
    try:
        caller = await authenticator.by_key(key)
    except Problem as problem:
        log(Event.SIGN_IN_REFUSED, by="key", status=problem.status)
        raise
    seconds = min(authenticator.seconds_left(caller), IDLE.total_seconds())
    return _answer(request, caller, seconds, await begin(request, caller.key_id, caller))


async def begin(request: Request, whose: str | Person, caller: Caller) -> str:
    """Begins the session of a key, by its id, or of a person. Returns the `Set-Cookie` field."""
    services, token = services_of(request), cookies.new_token()
    cookie = cookies.written(request.scope, token, int(LONGEST.total_seconds()))
    # the one that the browser had ends, so that nobody who knows it is left with it
    before = cookies.read(request.scope)
    replaced = cookies.digest(before) if before else None
    await services.database.sessions.start(cookies.digest(token), whose, caller, replaced)
    # the browser's next request may be faster than the notification
    services.visitors.signed_in.changed()
    return cookie


async def who(request: Request) -> Response:
    """Who is signed in. To ask is no use of the session."""
    services, scope = services_of(request), request.scope
    # strangers were refused before
    if not await services.authenticator.has_keys():
        return _answer(request, EVERYBODY, None)
    try:
        caller = await services.authenticator.by_session(scope)
    except Problem as problem:
        # another one is for a page of another site
        raise NotSignedIn(services.visitors.provider is not None) if problem.status == 401 else problem from None
    return _answer(request, caller, scope[SESSION].seconds_left)


async def sign_out(request: Request) -> Response:
    """Ends the session, if there is one."""
    require_own_page(request.scope)
    services, scope = services_of(request), request.scope
    headers = {"clear-site-data": FORGET, "cache-control": "no-store"}
    if token := cookies.read(scope):
        try:
            caller = await services.authenticator.by_session(scope)
        except Problem:
            # it ended before, or its key was revoked: there is nobody to name
            caller = EVERYBODY
        await services.database.sessions.end(cookies.digest(token), caller)
        services.visitors.signed_in.changed()
        headers["set-cookie"] = cookies.written(scope, "", 0)
    return Response(status_code=204, headers=headers)


def _answer(request: Request, caller: Caller, seconds: float | None, cookie: str = "") -> Response:
    services = services_of(request)
    found = Who(
        name=caller.name,
        client_id=caller.client_id,
        key_id=caller.key_id or None,
        may=[right for right in RIGHTS if caller.allows(right)],
        use_cases=None if caller.use_cases is None else sorted(caller.use_cases),
        open=not caller.identity,
        oidc=services.visitors.provider is not None,
        drafts=services.settings.console_drafts,
        ends_at=None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds),
    )
    headers = {"cache-control": "no-store", **({"set-cookie": cookie} if cookie else {})}
    return Response(found.model_dump_json(), 200, headers, JSON)


async def _key(request: Request) -> str:
    """The key in the body. Raises `Problem`: 400, 413, 415 or 422."""
    # forms, and pages without scripts, can send no such type to another site unasked
    if media_type(request.headers.get("content-type", "")) != JSON:
        raise Problem(415, f"content-type: send {JSON}", headers={"accept": JSON})
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > MAX_BYTES:
            raise Problem(413, f"the body is larger than {MAX_BYTES} bytes", headers={"connection": "close"})
    try:
        return SignIn.model_validate(untrusted.parse(content)).key.get_secret_value()
    except InvalidInput as error:
        raise invalid(error, 422 if error.field else 400) from None
    except ValidationError as error:
        raise invalid_fields(error) from None


ROUTES = [
    PublicRoute("/console/session", sign_in, methods=["POST"]),
    PublicRoute("/console/session", who, methods=["GET"]),
    PublicRoute("/console/session", sign_out, methods=["DELETE"]),
]
