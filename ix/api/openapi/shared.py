"""What many routes have in common: types, parameters and headers, and the answers that are problems."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from ix.api.openapi.operation import Answer, Header, Parameter
from ix.api.problems import PROBLEM, RETRY_AFTER_SECONDS, Problem, ProblemDocument

IxId = Annotated[str, Field(pattern="^[0-9a-f]{16}$")]
Wait = Annotated[float, Field(ge=0, allow_inf_nan=False)]

IX_ID = Parameter("ix_id", "path", IxId, "The id that the service gave the job", example="00000000017f3a9c")
WAIT = Parameter(
    "wait",
    "query",
    Wait,
    "Hold the answer until the job has ended, at most so many seconds; `IX_MAX_WAIT` limits it",
    example=30,
)
PREFER = Parameter("Prefer", "header", str, "`wait=30` says the same as `?wait=30` (RFC 7240)")
LOCATION = Header("Location", str, "Where the job can be read", example="/jobs/00000000017f3a9c")
RETRY_AFTER = Header(
    "Retry-After", Annotated[int, Field(ge=0)], "Seconds after which to try again", example=int(RETRY_AFTER_SECONDS)
)


def problem(
    status: int, description: str, detail: str, *fields: tuple[str, str], headers: tuple[Header, ...] = ()
) -> Answer:
    """An answer that is a problem document (RFC 9457); `fields` are those at fault in its example."""
    example = Problem(status, detail, [{"field": name, "message": message} for name, message in fields]).document()
    return Answer(status, description, ProblemDocument, PROBLEM, example.model_dump(exclude_defaults=True), headers)


NOT_FOUND = problem(404, "There is no such job, or it is another client's", "there is no such job")
RESULT_ERASED = problem(
    410,
    "The result was erased before the job, as retention has it (`code` is `result_erased`)",
    "the result of the job was erased on 2026-11-02, and all that was made of it; the job stays",
)
NOT_JSON = problem(415, "The body is not JSON", "content-type: send application/json")
UNPROCESSABLE = problem(
    422,
    "What was asked cannot be accepted; `errors` names each field at fault",
    "wait: is not a number of seconds",
    ("wait", "is not a number of seconds"),
)
ANYWHERE = (
    problem(400, "The request is for no host, or for several", "host: the request has several Host fields; send one"),
    problem(
        401,
        "A key is needed: `Authorization: Bearer ix_…`",
        "send an API key: Authorization: Bearer ix_…",
        headers=(Header("WWW-Authenticate", str, "The scheme that is asked for (RFC 9110, 11.6.1)", example="Bearer"),),
    ),
    problem(
        403,
        "The key lacks a right, or there are no keys and the call is another machine's or site's",
        "the key may not submit; `ix keys list` says what it may",
    ),
    problem(
        408, "The request did not arrive in time, or too slowly while places are short", "the body did not come in 60 s"
    ),
    problem(413, "The body or a document is too large", "the body is larger than 67108864 bytes (IX_MAX_BODY_BYTES)"),
    problem(
        429,
        "The client has as many jobs waiting, requests in flight or answers held as it may, or had as many jobs or "
        "pages today (`code` is `day_jobs_used` or `day_pages_used`, and `cap` says more)",
        "client_id: has 100000 jobs waiting already (IX_MAX_PENDING); try again when some have run",
        headers=(RETRY_AFTER,),
    ),
    problem(431, "The header is too large", "the header is larger than 32768 bytes or has more than 100 fields"),
    problem(500, "An error inside ix; its log names it", "an error inside ix; the log of the web process names it"),
    problem(
        503,
        "The database does not answer, or the service is full; nothing that was answered with 201 is lost",
        "the database does not answer now; nothing was lost that was answered with 201",
        headers=(RETRY_AFTER,),
    ),
)
"""What any route may answer, and no route has to name."""
FOR_KEYS = frozenset({401, 403})
"""Those that come only where a key is asked for."""
