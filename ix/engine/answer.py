"""What a job ends with: its response as JSON that PostgreSQL can store, whatever a use case put into it."""

from __future__ import annotations

from typing import NamedTuple

from pydantic_core import to_json

from ix.extraction.sealed import SealedResponse, storable
from ix.job import Problem, Response


class Answer(NamedTuple):
    """A response as JSON that PostgreSQL can store, the code of the error in it, and how long its job only waited for
    places, seconds."""

    response: bytes
    error: str | None = None
    waited: float = 0.0

    @classmethod
    def of(cls, response: Response, waited: float = 0.0) -> Answer:
        """The answer of a job whose use case gave a response. Raises `UseCaseFailed`, see `storable`."""
        # what nobody has looked into is what the extraction wrote, which raises its errors
        if type(response) is SealedResponse and response.written is not None:
            return cls(response.written, waited=waited)
        return cls(storable(response), response.error.code if response.error else None, waited)

    @classmethod
    def failed(cls, problem: Problem) -> Answer:
        """The answer of a job that ends in error."""
        return cls(to_json(Response(error=problem)), problem.code)
