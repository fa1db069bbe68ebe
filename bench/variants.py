"""`python -m bench.variants single|memory`: `ix web` with another way to store a submission, to tell what sharing
commits brings and what the database costs. Everything else is ix's own."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

from starlette.applications import Starlette

from ix.api.app import create_app
from ix.api.server.serve import serve
from ix.api.services import Services
from ix.background.batcher import Batcher
from ix.config import Settings
from ix.database.jobs import Inserted, Jobs, Outcome
from ix.job import Job, Status, Submission
from ix.telemetry import log as telemetry

GIVEN = ("client_id", "request_id", "use_case", "callback_url", "priority", "run_at", "request")


class Single:
    """One insert and one commit a request, as many at once as the pool has connections."""

    def __init__(self, repo: Jobs) -> None:
        self._repo = repo

    async def __call__(self, submission: Submission) -> Inserted:
        """Inserts it alone."""
        return await self._repo.insert_pending(submission)

    async def drain(self) -> None:
        """Nothing is in flight that no request waits for."""


class Memory:
    """A repository that stores nothing and answers as if it had."""

    def __init__(self) -> None:
        self._count = 0

    async def insert_many(self, submissions: Sequence[Submission]) -> list[Inserted]:
        """New jobs, all of them."""
        return [Inserted(Outcome.INSERTED, self._job(submission)) for submission in submissions]

    def _job(self, submission: Submission) -> Job:
        self._count += 1
        given = {
            name: getattr(submission, name)
            for name in ("client_id", "request_id", "use_case", "callback_url", "priority", "run_at", "request")
        }
        return Job(
            ix_id=f"{self._count:016x}",
            status=Status.PENDING,
            attempts=0,
            created_at=datetime.now(UTC),
            started_at=None,
            finished_at=None,
            callback_status=None,
            response=None,
            **given,
        )


def storing(kind: str, services: Services) -> Services:
    """The same services, but for how a submission is stored."""
    submit: Any = Single(services.database.jobs) if kind == "single" else Batcher(Memory().insert_many)
    return replace(services, submit=cast("Batcher[Submission, Inserted]", submit))


def app(kind: str, settings: Settings) -> Starlette:
    """ix's own app with that one part replaced."""
    made = create_app(settings=settings)
    lifespan = made.router.lifespan_context

    @asynccontextmanager
    async def replaced(of: Starlette) -> AsyncIterator[Any]:
        async with lifespan(of) as state:
            of.state.services = storing(kind, of.state.services)
            yield state

    made.router.lifespan_context = replaced
    return made


def main() -> None:
    settings = Settings.from_env()
    telemetry.configure(settings.log_level)
    serve(app(sys.argv[1], settings), settings)


if __name__ == "__main__":
    main()
