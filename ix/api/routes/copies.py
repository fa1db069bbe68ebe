"""`GET /jobs/{id}/text`, `/jobs/{id}/annotated.pdf` and `/jobs/{id}/searchable.pdf`: one job to take away.

The text comes of the words that are kept; PDFs are made by an engine, since no document comes to this process."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from starlette.requests import Request
from starlette.responses import Response

from ix.api.answers import has_already
from ix.api.exports import texts
from ix.api.exports.batches import batch_of, head_of
from ix.api.exports.download import Download
from ix.api.lookup import no_such_job, read_or_404
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import Answer, Header, operation
from ix.api.openapi.shared import IX_ID, RESULT_ERASED, RETRY_AFTER, problem
from ix.api.problems import Problem
from ix.api.routing import Route
from ix.api.services import services_of
from ix.config import MIB
from ix.database.pdfs import Kind
from ix.job import JobHead, Status

PDF = "application/pdf"
NO_PAGES = "no page of the job is kept: there is nothing to take away of it"
_NOT_FOUND = problem(404, "There is no such job, or no page of it is kept", NO_PAGES)
_MADE = (
    Answer(200, "The file", bytes, PDF, headers=[Header("ETag", str, "Changes where the file does", example='"f00d"')]),
    Answer(202, "It is being made: ask again", headers=[RETRY_AFTER]),
    Answer(304, "It is the one that the client has (`If-None-Match`)"),
    _NOT_FOUND,
    RESULT_ERASED,
    problem(409, "It cannot be made", "the document is not kept, so that it cannot be drawn"),
)


@operation(
    "Take the text of a job away",
    "exports",
    Answer(200, "The text, in UTF-8", str, "text/plain"),
    _NOT_FOUND,
    RESULT_ERASED,
    parameters=[IX_ID],
    needs="export",
    stream=True,
)
async def text(request: Request) -> Response:
    """What was read of the job's pages, line by line from top to bottom, with a form feed between pages. What nobody
    can see on them is left out."""
    job, services = await read_or_404(request), services_of(request)
    pages = await services.database.pages.heads(job.ix_id)
    # `IX_KEEP_WORDS` may have dropped them, and an electronic invoice alone has none
    if not pages:
        raise Problem(404, NO_PAGES)
    await _note(request, job, "text")

    def chunks() -> AsyncGenerator[bytes, None]:
        return texts.chunks(services.database, services.exports, job.ix_id, pages, job.client_id)

    return Download(services.exports, chunks, f"ix-{job.ix_id}.txt", "text/plain; charset=utf-8", job.client_id)


@operation(
    "Take the pages of a job away, with its values marked", "exports", *_MADE, parameters=[IX_ID], needs="export"
)
async def annotated(request: Request) -> Response:
    """The pages as a PDF, each value of the answer marked where it stands, and beside it what it is called and what it
    says. An engine makes it when it is first asked for: 202 until then."""
    return await _made(request, "annotated")


@operation("Take the pages of a job away as a searchable PDF", "exports", *_MADE, parameters=[IX_ID], needs="export")
async def searchable(request: Request) -> Response:
    """The pages as a PDF of pictures, with their words behind them, unseen, where they stand: they can be searched and
    copied. An engine makes it when it is first asked for: 202 until then."""
    return await _made(request, "searchable")


async def _made(request: Request, kind: Kind) -> Response:
    job, services = await read_or_404(request), services_of(request)
    pdfs, version = services.database.pdfs, await _version(request, job, kind)
    found = await pdfs.find(job.ix_id, kind, version)
    if found is None:
        return await _ordered(request, job, kind, version)
    if found.problem is not None:
        raise Problem(409, f"the PDF cannot be made: {found.problem}")
    if found.size is None:
        return Response(status_code=202, headers={"retry-after": "1"})
    tag = f'"{job.ix_id}-{kind}-{version}"'
    # a client that has it gets nothing, and nothing is noted
    if has_already(request, tag):
        return Response(status_code=304, headers={"etag": tag})
    await _note(request, job, f"{kind}.pdf")
    size = found.size

    async def chunks() -> AsyncGenerator[bytes, None]:
        # in slices: as many bytes as a client asks for at once, and takes slowly, are not held here
        for start in range(0, size, MIB):
            if (part := await pdfs.slice(job.ix_id, kind, version, start, MIB)) is None:
                raise Problem(404, "the file is gone")
            yield part

    fields = {"etag": tag, "content-length": str(size)}
    return Download(services.exports, chunks, f"ix-{job.ix_id}-{kind}.pdf", PDF, job.client_id, fields)


async def _ordered(request: Request, job: JobHead, kind: Kind, version: str) -> Response:
    database = services_of(request).database
    if kind == "annotated" and job.status is not Status.DONE:
        raise Problem(409, f"the job is {job.status}: there is no answer to mark on its pages")
    if not await database.pages.heads(job.ix_id):
        raise Problem(404, NO_PAGES)
    answer = await _answer(request, job) if kind == "annotated" else None
    if not await database.pdfs.order(job.ix_id, kind, version, job.client_id, answer):
        waiting = "too many PDFs of this client wait to be made; try again when some are"
        raise Problem(429, waiting, headers={"retry-after": "1"})
    return Response(status_code=202, headers={"retry-after": "1"})


async def _answer(request: Request, job: JobHead) -> bytes:
    """The job's answer as people have put it right."""
    services = services_of(request)
    answers = await services.database.exports.answers([job.ix_id], with_evidence=True)
    if not answers:
        raise no_such_job()
    heads, blobs = batch_of([head_of(job, answers[0])], answers)
    _, [answer] = await services.exports.ask({"do": "answer", "jobs": heads}, blobs, job.client_id)
    return answer


async def _version(request: Request, job: JobHead, kind: Kind) -> str:
    """What the file shows: another answer makes another one, and so does what people do to it."""
    moment = job.finished_at or job.started_at or job.created_at
    done = await services_of(request).database.exports.version(job.ix_id) if kind == "annotated" else 0
    return f"{moment.timestamp():.6f}-{job.attempts}-{done}"


async def _note(request: Request, job: JobHead, what: str) -> None:
    await services_of(request).database.audit.note("export", caller_of(request), job.ix_id, {"what": what})


ROUTES = [
    Route("/jobs/{ix_id}/text", text, methods=["GET"]),
    Route("/jobs/{ix_id}/annotated.pdf", annotated, methods=["GET"]),
    Route("/jobs/{ix_id}/searchable.pdf", searchable, methods=["GET"]),
]
