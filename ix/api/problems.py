"""Errors as problem documents (RFC 9457) that name the fields at fault; and the answer to whatever is raised."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Literal

from pydantic import BaseModel, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ix.database.connect import DATABASE_ERRORS
from ix.database.faults import Kind, kind_of
from ix.errors import InvalidInput
from ix.telemetry.log import Event, log

PROBLEM = "application/problem+json"
"""The media type of a problem document."""
# whole seconds (RFC 9110, 10.2.3): there is no shorter one
RETRY_AFTER_SECONDS = "1"


class FieldError(BaseModel):
    """A field at fault: its dotted path, or `body`, and what is wrong with it."""

    field: str
    message: str


class CapReached(BaseModel):
    """Which cap of a day a client has reached: of `jobs` or of `pages`."""

    of: Literal["jobs", "pages"]
    cap: int
    used: int = Field(description="What it had since the day began")
    turns_at: datetime = Field(description="When the next day begins, at midnight UTC by the database's clock")


class ProblemDocument(BaseModel):
    """An error (RFC 9457). `errors` is there where fields are at fault, `code` where programs may want to tell it from
    others of its status, `cap` where that is one of a day."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []
    code: str = ""
    cap: CapReached | None = None


class Problem(Exception):
    """An answer that is an error. `errors` holds `{field, message}` for each field at fault."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        code: str = "",
        cap: CapReached | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = dict(headers or {})
        self.code = code
        self.cap = cap

    def document(self) -> ProblemDocument:
        """The body of the answer; what is default is to be left out of it."""
        errors = [FieldError.model_validate(error) for error in self.errors]
        return ProblemDocument(
            type="about:blank",
            # what the title of `about:blank` is to be (RFC 9457, 4.2.1)
            title=HTTPStatus(self.status).phrase,
            status=self.status,
            detail=self.detail,
            errors=errors,
            code=self.code,
            cap=self.cap,
        )

    def answer(self) -> Response:
        """The answer: status, headers, and the document."""
        return Response(self.document().model_dump_json(exclude_defaults=True), self.status, self.headers, PROBLEM)


def invalid(error: InvalidInput, status: int = 422) -> Problem:
    """422, or another status, for input that cannot be accepted, naming its field."""
    field = error.field or "body"
    return Problem(status, f"{field}: {error.message}", [{"field": field, "message": error.message}])


def invalid_fields(error: ValidationError, prefix: str = "") -> Problem:
    """422 naming every field that a model refused, below `prefix`, without the refused values."""
    errors = [
        {"field": ".".join([*([prefix] if prefix else []), *map(str, one["loc"])]) or "body", "message": one["msg"]}
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    # five say enough in a line; all of them are in `errors`
    return Problem(422, "; ".join(f"{one['field']}: {one['message']}" for one in errors[:5]), errors)


async def answer_problem(request: Request, error: Exception) -> Response:
    """A `Problem` knows its answer."""
    assert isinstance(error, Problem)
    return error.answer()


async def answer_http(request: Request, error: Exception) -> Response:
    """404 and 405 of Starlette's own: unknown routes and methods."""
    assert isinstance(error, HTTPException)
    return Problem(error.status_code, error.detail, headers=error.headers).answer()


_IN_WORDS: dict[Kind, str] = {
    "read_only": "the database takes no writes now",
    "denied": "the database does not let this account in, or lacks a grant for it",
    "unmigrated": "the database has not the tables of this ix: run `ix migrate`",
    "full": "the database has no space left",
}
NOTHING_LOST = "nothing was lost that was answered with 201"


async def answer_unavailable(request: Request, error: Exception) -> Response:
    """503 for a fault of the database, whatever it is, but for the data that it minds: ix has let that through."""
    kind = kind_of(error)
    if kind == "data":
        return await answer_unexpected(request, error)
    log(Event.DATABASE_UNREACHABLE, who="web", path=request.url.path, kind=kind, error=error)
    words = _IN_WORDS.get(kind, "the database does not answer now")
    return Problem(503, f"{words}; {NOTHING_LOST}", headers={"retry-after": RETRY_AFTER_SECONDS}).answer()


async def answer_nobody(request: Request, error: Exception) -> Response:
    """400 for a client that went away, or was cut off, before its body was complete."""
    return Problem(400, "the body is not complete").answer()


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """500 for what nobody foresaw. The log names the error, the answer does not: it may carry a document's text."""
    log(Event.REQUEST_FAILED, path=request.url.path, error=error)
    return Problem(500, "an error inside ix; the log of the web process names it").answer()


async def answer_error(request: Request, error: Exception) -> Response:
    """The answer to any error, for what stands outside Starlette's own handling."""
    # the most specific handler, as Starlette finds its own
    for kind in type(error).__mro__:
        if kind in HANDLERS:
            return await HANDLERS[kind](request, error)
    raise error


HANDLERS: dict[type[BaseException], Callable[[Request, Exception], Awaitable[Response]]] = {
    Problem: answer_problem,
    HTTPException: answer_http,
    ClientDisconnect: answer_nobody,
    **dict.fromkeys(DATABASE_ERRORS, answer_unavailable),
    Exception: answer_unexpected,
}
