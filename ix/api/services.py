"""What the routes need, made once by the composition root and carried in the app's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.requests import Request

from ix.api.console.visitors import Visitors
from ix.api.exports.processes import ExportProcesses
from ix.api.health import Probe
from ix.api.live.broadcast import Broadcast
from ix.api.live.counting import Counting
from ix.api.live.notifications import Notifications
from ix.api.live.waiters import Waiters
from ix.api.measuring import Monitor
from ix.api.middleware.auth import Authenticator
from ix.api.minutes import Minutes
from ix.api.openapi.served import Description
from ix.api.recent import Recent
from ix.api.reviewing.judge import Judge
from ix.api.submission.caps import DayCaps
from ix.api.submission.configured import ConfigurationMemory
from ix.api.submission.large import LargeBodies
from ix.api.submission.quota import Insert, Quota
from ix.background.batcher import Batcher
from ix.config import Settings
from ix.database import Database
from ix.database.engines import EngineHead
from ix.database.jobs import Inserted
from ix.database.pauses import Pause
from ix.database.replica import Reads
from ix.job import Submission
from ix.use_cases import UseCase


@dataclass(frozen=True, slots=True)
class Services:
    """What the routes work with. `submit` stores one job's documents and inserts it; `inserts` shares its commit with
    others that arrive meanwhile."""

    settings: Settings
    use_cases: Mapping[str, UseCase]
    database: Database
    authenticator: Authenticator
    visitors: Visitors
    submit: Insert
    inserts: Batcher[Submission, Inserted]
    notifications: Notifications
    waiters: Waiters
    quota: Quota
    caps: DayCaps
    broadcast: Broadcast
    reads: Reads
    counting: Counting
    probes: Mapping[str, Probe]
    readiness: Mapping[str, Probe]
    description: Description
    large_bodies: LargeBodies
    configurations: ConfigurationMemory
    minutes: Minutes
    monitor: Monitor
    engines: Recent[Sequence[EngineHead]]
    pauses: Recent[Sequence[Pause]]
    judge: Judge
    exports: ExportProcesses

    def end_held_requests(self) -> None:
        """Answers every request that waits and ends every stream, since the process is about to end."""
        self.waiters.answer_all()
        self.broadcast.close_all()

    async def stop(self) -> None:
        """Ends what runs in the background, and returns when every accepted submission is stored."""
        await self.authenticator.stop()
        await self.broadcast.stop()
        await self.notifications.stop()
        await self.inserts.drain()
        await self.large_bodies.stop()
        await self.visitors.stop()
        await self.judge.stop()
        await self.exports.stop()
        await self.reads.close()


def services_of(request: Request) -> Services:
    """The services of the app that a request came to."""
    services: Services = request.app.state.services
    return services
