"""`GET /jobs/{id}/pages`, and of each page its words and its picture: what evidence points at, for whoever shows it.

Words are what engines read, pictures what they draw: no document comes to this process."""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.answers import JsonAnswer, has_already
from ix.api.lookup import head_or_404, read_or_404
from ix.api.openapi.examples import PAGE, WORDS
from ix.api.openapi.operation import Answer, Header, Parameter, operation
from ix.api.openapi.shared import IX_ID, NOT_FOUND, RESULT_ERASED, RETRY_AFTER, UNPROCESSABLE, problem
from ix.api.problems import Problem, invalid
from ix.api.routing import Route, headers
from ix.api.services import services_of
from ix.database.pages import PageHead
from ix.errors import InvalidInput
from ix.job import JobHead

WIDTHS = (480, 1240, 2400)
"""Pixels that a picture may be wide: a thumbnail, A4 at 150 dpi, and as much as a large screen shows."""
LONGEST = 16_383
"""Longest side of a picture, pixels: WebP allows no more."""
WEBP = "image/webp"
_PICTURE_HEADERS = [
    # whoever reads it has a right to the job, and what a page looks like does not change
    (b"cache-control", b"private, max-age=3600"),
    (b"content-security-policy", b"default-src 'none'; sandbox"),
    (b"x-content-type-options", b"nosniff"),
]
_NUMBER = re.compile(r"[0-9]{1,6}")
_WIDTH = TypeAdapter[int](Annotated[int, Field(gt=0)])


class PageList(BaseModel):
    """The pages of a job's documents that were read and are kept (`IX_KEEP_WORDS`), in order."""

    pages: Sequence[PageHead]


DOCUMENT = Parameter("document", "path", Annotated[int, Field(ge=0)], "Which of the job's documents, from 0", example=0)
NUMBER = Parameter("page", "path", Annotated[int, Field(ge=1)], "Which of its pages, from 1", example=1)
NO_PAGE = problem(404, "There is no such job, or no such page is kept", "there is no such page, or it is not kept")


@operation(
    "List a job's pages",
    "pages",
    Answer(200, "The pages", PageList, example=PageList(pages=[PAGE])),
    NOT_FOUND,
    parameters=[IX_ID],
)
async def show(request: Request) -> Response:
    """Each page with its size, how it was read and how sure that is. Boxes of evidence are fractions of the page after
    it was rotated clockwise by `rotation` degrees, as its picture shows it."""
    job = await head_or_404(request)
    pages = await services_of(request).database.pages.heads(job.ix_id)
    return Response(PageList(pages=pages).model_dump_json(), media_type="application/json")


@operation(
    "Read the words of a page",
    "pages",
    Answer(200, "The words", list[list[str | float | bool]], example=WORDS),
    NO_PAGE,
    RESULT_ERASED,
    parameters=[IX_ID, DOCUMENT, NUMBER],
)
async def words(request: Request) -> Response:
    """Each word as `[text, x0, y0, x1, y1, confidence, hidden]`, the last two left out where they are 1 and false; a QR
    or bar code has an eighth member, its kind. Boxes are fractions of the page."""
    job, document, page = await _asked(request)
    packed = await services_of(request).database.pages.words(job.ix_id, document, page)
    if packed is None:
        raise _no_page()
    plain, is_stored_so = await asyncio.to_thread(_shown, packed)
    # stored as the coding that HTTP calls deflate (RFC 9110, 8.4.1.2), and so sent to whoever takes that
    if is_stored_so and _takes_deflate(request):
        return JsonAnswer([packed], 200, [(b"content-encoding", b"deflate"), (b"vary", b"accept-encoding")])
    return JsonAnswer([plain], 200, [(b"vary", b"accept-encoding")])


def _shown(packed: bytes) -> tuple[bytes, bool]:
    """The words with their boxes on the page as its picture shows it; and whether they are stored so, too: those of a
    page that lies askew are stored as on a straight one."""
    # not at web's start: nothing else of the extraction is needed here
    from ix.extraction.straight import as_drawn

    plain = zlib.decompress(packed)
    mapped = as_drawn(plain)
    return (plain, True) if mapped is None else (mapped, False)


@operation(
    "Look at a page",
    "pages",
    Answer(
        200,
        "The picture",
        bytes,
        WEBP,
        headers=[Header("ETag", str, "Changes where the picture does", example='"f00d-1-0-1240"')],
    ),
    Answer(202, "It is being drawn: ask again", headers=[RETRY_AFTER]),
    Answer(304, "It is the one that the client has (`If-None-Match`)"),
    NO_PAGE,
    RESULT_ERASED,
    problem(409, "The page cannot be drawn", "the document is not kept, so that it cannot be drawn"),
    UNPROCESSABLE,
    parameters=[
        IX_ID,
        DOCUMENT,
        NUMBER,
        Parameter("width", "query", int, f"Pixels: the next of {', '.join(map(str, WIDTHS))} is given", example=1240),
    ],
)
async def picture(request: Request) -> Response:
    """The page as WebP, upright, as a person sees it. An engine draws it when it is first asked for: 202 until then.
    Pictures are kept as long as there is room (`IX_PICTURE_BYTES`)."""
    width = _width(request)
    job, document, number = await _asked(request)
    database = services_of(request).database
    page = await database.pages.key(job.ix_id, document, number)
    if page is None:
        raise _no_page()
    key = page.sha256, number, page.rotation, width
    found = await database.pictures.find(*key)
    if found is None:
        await _order(request, job, key, page.longest(width))
    elif found.problem is not None:
        raise Problem(409, f"the page cannot be drawn: {found.problem}")
    if found is None or found.picture is None:
        return Response(status_code=202, headers={"retry-after": "1"})
    tag = f'"{page.sha256.hex()[:32]}-{number}-{page.rotation}-{width}"'
    fields = [*_PICTURE_HEADERS, (b"etag", tag.encode())]
    if has_already(request, tag):
        return _bare(304, fields)
    await database.pictures.seen(*key)
    return JsonAnswer([found.picture], 200, fields, WEBP.encode())


async def _order(request: Request, job: JobHead, key: tuple[bytes, int, int, int], longest: int) -> None:
    kept, taken = await services_of(request).database.pictures.order(*key, min(longest, LONGEST), job.client_id)
    if not kept:
        raise Problem(409, "the document is not kept, so that it cannot be drawn: it came from an address")
    if not taken:
        waiting = "too many pictures of this client wait to be drawn; try again when some are"
        raise Problem(429, waiting, headers={"retry-after": "1"})


async def _asked(request: Request) -> tuple[JobHead, int, int]:
    """The job, and the page that the path names. Raises `Problem` 404."""
    job = await read_or_404(request)
    document, page = request.path_params["document"], request.path_params["page"]
    if not (_NUMBER.fullmatch(document) and _NUMBER.fullmatch(page)):
        raise _no_page()
    return job, int(document), int(page)


def _no_page() -> Problem:
    return Problem(404, "there is no such page, or it is not kept")


def _width(request: Request) -> int:
    try:
        asked = _WIDTH.validate_strings(request.query_params.get("width", str(WIDTHS[1])))
    except ValidationError:
        raise invalid(InvalidInput("width", "is not a number of pixels")) from None
    return next((width for width in WIDTHS if width >= asked), WIDTHS[-1])


def _takes_deflate(request: Request) -> bool:
    given = b",".join(headers(request.scope, b"accept-encoding")).decode("latin-1").lower()
    codings = [coding.strip().replace(" ", "") for coding in given.split(",")]
    return "deflate" in codings


def _bare(status: int, fields: Sequence[tuple[bytes, bytes]]) -> Response:
    answer = Response(status_code=status)
    answer.raw_headers = list(fields)
    return answer


ROUTES = [
    Route("/jobs/{ix_id}/pages", show, methods=["GET"]),
    Route("/jobs/{ix_id}/pages/{document}/{page}/words", words, methods=["GET"]),
    Route("/jobs/{ix_id}/pages/{document}/{page}/picture", picture, methods=["GET"]),
]
