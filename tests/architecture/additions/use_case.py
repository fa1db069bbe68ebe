"""A use case that gives back what it is told."""

from __future__ import annotations

from pydantic import BaseModel

from ix.job import Request, Response
from ix.use_cases import Context


class Words(BaseModel):
    """What it takes, and gives."""

    words: str = ""


class Parrot:
    """Says again what it is told."""

    name = "parrot"
    description = "Says it again"
    request = Words
    result = Words
    max_attempts: int | None = None
    timeout: float | None = None

    async def run(self, request: Request, context: Context) -> Response:
        return Response(result=Words.model_validate(request.options).model_dump())


USE_CASE = Parrot()
