"""What a use case is, and what the engine offers it while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field

from ix.config import Settings
from ix.job import Request, Response

UNKNOWN = "unknown"
"""What stands in place of a use case where the pages are for none that is known."""


class Recognised(NamedTuple):
    """The use case that documents are for, None where none is likely enough, and why, for people."""

    use_case: UseCase | None
    reason: str


class Context(Protocol):
    """What the engine offers a running use case."""

    @property
    def ix_id(self) -> str:
        """The service's id of the job, 16 hexadecimal digits."""

    @property
    def attempt(self) -> int:
        """1 for the first attempt."""

    async def extract(
        self, schema: Mapping[str, Any], instructions: str, result: type[BaseModel] | None = None
    ) -> Response:
        """Extracts an object of this JSON Schema from the request's documents, validated by `result` if given: in a
        child process, which imports the model by its name from its module. Raises `JobError`."""

    async def recognise(self) -> Recognised:
        """Which use case the pages of the request's documents are for. Raises `JobError`."""

    def progress(self, step: str, done: int | None = None, of: int | None = None) -> None:
        """Reports which step the job is in, in a word or two and without a word of the documents; `done` of `of` where
        it can be counted."""


class UseCase(Protocol):
    """Something that a job can ask for by name. None for `max_attempts` or `timeout` (seconds) means the settings'
    value."""

    @property
    def name(self) -> str:
        """What a submission's `use_case` says."""

    @property
    def description(self) -> str:
        """One sentence for people: what it does, without a point at its end."""

    @property
    def request(self) -> type[BaseModel]:
        """The model that validates a submission's `options`."""

    @property
    def result(self) -> type[BaseModel] | None:
        """The model of the result; None if the client brings its own schema."""

    @property
    def max_attempts(self) -> int | None:
        """Attempts before the job ends in error."""

    @property
    def timeout(self) -> float | None:
        """Time limit of one run, seconds."""

    async def run(self, request: Request, context: Context) -> Response:
        """Does the work. Raises `JobError`."""


class UseCaseInfo(BaseModel):
    """A use case as clients see it."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(description="What a submission's `use_case` says")
    description: str
    options: dict[str, Any] = Field(description="JSON Schema of a submission's `options`")
    result: dict[str, Any] | None = Field(description="JSON Schema of the result; null where the client brings its own")
    max_attempts: int = Field(description="Attempts before the job ends in error")
    timeout: float = Field(description="Time limit of one run, seconds")
    paused: bool | None = Field(
        default=None, description="Whether its jobs wait until it goes on; null where that is not known now"
    )


def info(use_case: UseCase, settings: Settings, paused: bool | None = None) -> UseCaseInfo:
    """What clients see of a use case, with the limits that are in force, and whether it is `paused`, where that is
    known."""
    return UseCaseInfo(
        name=use_case.name,
        description=use_case.description,
        options=use_case.request.model_json_schema(),
        # as it is written: pydantic leaves out of the other schema what a model only computes
        result=use_case.result.model_json_schema(mode="serialization") if use_case.result else None,
        max_attempts=use_case.max_attempts or settings.max_attempts,
        timeout=use_case.timeout or settings.job_timeout,
        paused=paused,
    )
