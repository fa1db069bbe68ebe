"""Passwords of a job that is to run again: those that it came with were forgotten when it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import SecretStr
from starlette.requests import Request

from ix.api.bodies import read_as
from ix.api.problems import Problem, invalid
from ix.api.submission.models import Retry
from ix.api.submission.reading import JSON, media_type
from ix.errors import InvalidInput

MAX_BYTES = 64 * 1024
"""Of the body of a retry: a hundred passwords, escaped as badly as may be."""
FORGOTTEN = (
    "the job came with passwords, which were forgotten when it ended: send them again as "
    '{"passwords": ["…", null]}, in the order of its documents, null for one that came without'
)


async def read_retry(request: Request) -> Retry:
    """The body of a retry; where there is none, one that says nothing. Raises `Problem`: 400, 413, 415 or 422."""
    content = await request.body()
    if not content.strip():
        return Retry()
    if media_type(request.headers.get("content-type", "")) != JSON:
        raise Problem(415, f"content-type: send {JSON}, or no body", headers={"accept": JSON})
    if len(content) > MAX_BYTES:
        raise Problem(413, f"the body is larger than {MAX_BYTES} bytes")
    return read_as(Retry, content)


def matched(given: Sequence[SecretStr | None], protected: Sequence[bool]) -> Mapping[int, SecretStr]:
    """The passwords that were given, by document. `protected` says of each document whether it came with one, and is
    empty where none did. Raises `Problem` 422 where these are not the same documents."""
    found = {at: secret for at, secret in enumerate(given) if secret is not None}
    if list(found) == [at for at, came in enumerate(protected) if came]:
        return found
    if not found:
        raise invalid(InvalidInput("passwords", FORGOTTEN))
    which = [str(at) for at, came in enumerate(protected) if came]
    came = f"the documents {', '.join(which)} (from 0)" if which else "no document"
    raise invalid(InvalidInput("passwords", f"are not those of the job, in which {came} came with one"))
