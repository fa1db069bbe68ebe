"""What a job ends with: its response as JSON that PostgreSQL can store, whatever a use case put into it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from pydantic_core import to_json

from ix.database.jobs.alike import Mark
from ix.database.jobs.finish import NOTHING, Summary
from ix.extraction.sealed import SealedResponse, storable
from ix.job import Problem, Response


class Answer(NamedTuple):
    """A response as JSON that PostgreSQL can store, the code of the error in it, how long its job only waited for
    places, seconds, and what lists say of it."""

    response: bytes
    error: str | None = None
    waited: float = 0.0
    summary: Summary = NOTHING

    @classmethod
    def of(cls, response: Response, waited: float = 0.0) -> Answer:
        """The answer of a job whose use case gave a response. Raises `UseCaseFailed`, see `storable`."""
        # not isinstance, see `storable`
        if type(response) is SealedResponse:
            # what nobody has looked into is what the extraction wrote, which raises its errors
            if response.written is not None:
                return cls(response.written, None, waited, _summary(response.told))
            # one that a use case has looked into is still about the same
            summary = _summary(response.told)
        else:
            summary = Summary.of(response)
        return cls(storable(response), response.error.code if response.error else None, waited, summary)

    def marked(self, content: Mark, paper: Mark) -> Answer:
        """It, with what tells its job from others."""
        return self._replace(summary=self.summary._replace(content=content, paper=paper))

    @classmethod
    def failed(cls, problem: Problem) -> Answer:
        """The answer of a job that ends in error."""
        return cls(to_json(Response(error=problem)), problem.code)


def _summary(told: Mapping[str, Any]) -> Summary:
    # another version of a child may tell more
    return Summary(**{name: told[name] for name in Summary._fields if name in told}) if told else NOTHING
