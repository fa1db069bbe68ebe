"""`auto`: what the pages say decides which use case answers."""

from __future__ import annotations

from pydantic import BaseModel

from ix.job import Finding, Request, Response
from ix.use_cases import UNKNOWN, Context, ReadingOptions


class Auto:
    """Asks what the documents are, and has the use case that they are for answer. What is likely enough for none is
    `unknown`, which is an answer and no error: to guess would be one."""

    name = "auto"
    description = "Finds out what the documents are, and answers as the use case that they are for"
    request: type[BaseModel] = ReadingOptions
    result: type[BaseModel] | None = None
    max_attempts: int | None = None
    timeout: float | None = None

    async def run(self, request: Request, context: Context) -> Response:
        """The answer of the use case that the documents are for; no result, and a finding, where there is none."""
        use_case, reason = await context.recognise()
        if use_case is None:
            message = f"the pages are for no use case that is known: {reason}"
            finding = Finding(code="use_case_unknown", message=message, params={"text": reason})
            return Response(warnings=(finding,), usage={"use_case": UNKNOWN, "because": reason})
        return await use_case.run(Request(documents=request.documents), context)


USE_CASE = Auto()
