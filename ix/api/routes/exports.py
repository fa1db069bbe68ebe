"""`GET /exports` and `/exports/preview`: answers of many jobs as one file."""

from __future__ import annotations

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from ix.api.exports.asked import MEDIA_TYPES, Export, Preview
from ix.api.exports.download import Download, file_name
from ix.api.exports.writing import Writing
from ix.api.middleware.auth import caller_of
from ix.api.openapi.operation import Answer, Header, operation
from ix.api.openapi.shared import UNPROCESSABLE
from ix.api.problems import invalid, invalid_fields
from ix.api.routing import Route
from ix.api.services import services_of
from ix.database.jobs.counts import CAP
from ix.errors import InvalidInput

AS_OF = Header(
    "Ix-As-Of",
    str,
    "The moment to which it is complete (RFC 3339), where a replica was asked; left out where it is of now",
    example="2026-11-02T09:30:00.250000+00:00",
)
FILE = Header("Content-Disposition", str, "The name of the file", example='attachment; filename="ix-results.xlsx"')


@operation(
    "Export answers",
    "exports",
    Answer(200, "The file, written while it is read", bytes, MEDIA_TYPES["xlsx"], headers=[FILE, AS_OF]),
    UNPROCESSABLE,
    query=Export,
    stream=True,
    needs="export",
)
async def show(request: Request) -> Response:
    """Answers of all jobs that match, newest first, such as `/exports?use_case=invoice&format=csv`: as they were
    corrected, where they were. Tables have the columns of the result's schema, in its order; texts in them are never
    formulas."""
    asked, services, caller = _asked(request), services_of(request), caller_of(request)
    writing = Writing(services.reads, services.exports, asked, caller)
    # before the answer begins: what goes wrong here is still a problem document
    await writing.start()
    await services.database.audit.note("export", caller, detail={"what": asked.what, "format": asked.format})
    return Download(
        services.exports,
        writing.chunks,
        file_name(asked.what, asked.format),
        MEDIA_TYPES[asked.format],
        caller.client_id or asked.client_id or "",
        {"ix-as-of": writing.as_of.isoformat()} if writing.as_of else {},
    )


@operation(
    "Look at an export before it is made",
    "exports",
    Answer(
        200,
        "Its first rows",
        Preview,
        example=Preview(
            columns=[{"name": "ix_id", "kind": "text"}, {"name": "total", "kind": "money"}],
            rows=[["00000000017f3a9c", 20.21]],
            of=1,
            cap=CAP,
            bytes=3100,
        ),
    ),
    UNPROCESSABLE,
    query=Export,
    needs="export",
)
async def preview(request: Request) -> Response:
    """The columns, the first 8 rows with long texts cut, how many jobs match and about how large the file will be."""
    asked, services = _asked(request), services_of(request)
    writing = Writing(services.reads, services.exports, asked, caller_of(request))
    with services.exports.place(caller_of(request).client_id or caller_of(request).key_id):
        await writing.start()
        titles, rows, size = await writing.preview()
        of, cap = await writing.count()
    columns = [{"name": title.name, "kind": title.kind} for title in titles]
    found = Preview(columns=columns, rows=rows, of=of, cap=cap, bytes=size * of, as_of=writing.as_of)
    return Response(found.model_dump_json(), media_type="application/json")


def _asked(request: Request) -> Export:
    # what is repeated is a list
    values = [(name, request.query_params.getlist(name)) for name in request.query_params]
    query = {name: several if len(several) > 1 else several[0] for name, several in values}
    try:
        asked = Export.model_validate(query)
    except ValidationError as error:
        raise invalid_fields(error) from None
    # PostgreSQL refuses a NUL in any text: the answer would be 500
    if any("\x00" in value for _, several in values for value in several):
        raise invalid(InvalidInput("query", "holds a NUL"))
    return asked


ROUTES = [
    Route("/exports", show, methods=["GET"]),
    Route("/exports/preview", preview, methods=["GET"]),
]
