"""A model of the jobs: what their repositories promise, as plain Python, for one caller at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from ix.config import Limit
from ix.job import Status, Submission

WAITING = (Status.SCHEDULED, Status.PENDING)
ENDED = (Status.DONE, Status.ERROR, Status.CANCELLED)


@dataclass
class ModelJob:
    """What is known of a job. `token` is its fence, `due` says whether a scheduled job's time has come."""

    submission: Submission
    status: Status
    queue: str
    due: bool = False
    attempts: int = 0
    quarantined: bool = False
    engine: UUID | None = None
    token: UUID | None = None
    owed: int = 0
    told: int = 0

    @property
    def documents(self) -> set[str]:
        return {ref.sha256 for ref in self.submission.request.documents if ref.sha256}

    @property
    def state(self) -> tuple[str, int, bool, str, UUID | None, UUID | None]:
        """What the table shows of it."""
        return self.status.value, self.attempts, self.quarantined, self.queue, self.engine, self.token


@dataclass
class Model:
    """All jobs, the limits, and which running job holds which slot of a queue."""

    jobs: dict[str, ModelJob] = field(default_factory=dict)
    limits: tuple[Limit, ...] = ()
    seats: dict[tuple[str, int], str] = field(default_factory=dict)

    def queue_of(self, use_case: str) -> str:
        return next((limit.queue for limit in self.limits if use_case in limit.use_cases), "")

    def those(self, *statuses: Status) -> dict[str, ModelJob]:
        return {ix_id: job for ix_id, job in self.jobs.items() if job.status in statuses}

    def insert(self, ix_id: str, submission: Submission, status: Status) -> None:
        self.jobs[ix_id] = ModelJob(submission, status, self.queue_of(submission.use_case))

    def known(self, submission: Submission) -> tuple[str, ModelJob] | None:
        key = submission.client_id, submission.request_id
        return next(
            ((i, j) for i, j in self.jobs.items() if (j.submission.client_id, j.submission.request_id) == key), None
        )

    @property
    def claimable(self) -> dict[str, ModelJob]:
        """What an engine may take that runs something; nothing of a client of which a job waits that must run alone."""
        pending = self.those(Status.PENDING)
        held_up = {job.submission.client_id for job in pending.values() if job.quarantined}
        return {ix_id: job for ix_id, job in pending.items() if job.submission.client_id not in held_up}

    @property
    def quarantined(self) -> list[str]:
        """Jobs that may run alone now, in the order in which they do."""
        if any(job.quarantined for job in self.those(Status.RUNNING).values()):
            return []
        rooms = self.rooms()
        alone = {ix_id: job for ix_id, job in self.those(Status.PENDING).items() if job.quarantined}
        of_client = Counter(job.submission.client_id for job in alone.values())
        due = [ix_id for ix_id, job in alone.items() if not job.queue or rooms[job.queue] > 0]
        return sorted(due, key=lambda ix_id: (of_client[alone[ix_id].submission.client_id], ix_id))

    def rooms(self) -> dict[str, int]:
        """Free slots by queue."""
        taken = Counter(queue for queue, _ in self.seats)
        return {limit.queue: limit.most - taken[limit.queue] for limit in self.limits}

    def claim(self, ix_id: str, engine: UUID, token: UUID) -> None:
        job = self.jobs[ix_id]
        job.status, job.engine, job.token = Status.RUNNING, engine, token

    def leave(self, ix_id: str, status: Status) -> None:
        """A job ends, or goes back to wait."""
        job = self.jobs[ix_id]
        self._stand_up(ix_id)
        job.status, job.engine = status, None
        if status in ENDED:
            job.owed += job.submission.callback_url is not None
        else:
            job.token, job.queue = None, self.queue_of(job.submission.use_case)

    def rescue(self, ix_id: str) -> None:
        job = self.jobs[ix_id]
        job.attempts, job.quarantined = job.attempts + 1, True
        self.leave(ix_id, Status.PENDING if job.attempts < job.submission.max_attempts else Status.ERROR)
        job.token = None

    def retry(self, ix_id: str) -> None:
        job = self.jobs[ix_id]
        job.status, job.attempts, job.quarantined, job.token = Status.PENDING, 0, False, None
        # what was owed has ended, as failed
        job.owed, job.told = 0, job.told + job.owed
        job.queue = self.queue_of(job.submission.use_case)

    def erase(self, ix_id: str) -> None:
        self._stand_up(ix_id)
        del self.jobs[ix_id]

    def set_limits(self, limits: Iterable[Limit]) -> None:
        self.limits = tuple(limits)
        most = {limit.queue: limit.most for limit in self.limits}
        self.seats = {seat: ix_id for seat, ix_id in self.seats.items() if seat[1] <= most.get(seat[0], 0)}
        for job in self.those(*WAITING).values():
            job.queue = self.queue_of(job.submission.use_case)

    @property
    def uses(self) -> Mapping[str, int]:
        """How many jobs name each document."""
        return Counter(sha for job in self.jobs.values() for sha in job.documents)

    def _stand_up(self, ix_id: str) -> None:
        self.seats = {seat: who for seat, who in self.seats.items() if who != ix_id}
