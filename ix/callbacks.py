"""Callbacks: what is said when a job has ended, how it is signed, and what an answer means. After the Standard Webhooks
specification 1.0.

    webhook-id          the delivery's id, the same in every try: what the receiver knows a repetition by
    webhook-timestamp   when this try was made by the database's clock, unix seconds
    webhook-signature   "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body", one for each valid secret,
                        separated by spaces

The body is thin: the job's state and where to read the rest, never the answer as it was read. What a person approved
comes along, unless it is large: that is what was waited for.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import operator
import random
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from pydantic import BaseModel, Field, JsonValue

from ix.job import Batch, BatchJobs, CallbackStatus, Configured, Job, Problem, Status
from ix.untrusted import retry_after

SCHEDULE = (5.0, 300.0, 1_800.0, 7_200.0, 18_000.0, 36_000.0, 50_400.0, 72_000.0, 86_400.0)
"""Seconds between one try and the next, three days in all: the specification's own example."""
SECRET_PREFIX = "whsec_"  # noqa: S105 - the prefix, not a secret
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
LONGEST_MESSAGE = 500
"""Characters of an error's message that go into the body, so that it stays far below 20 kB."""


class Verdict(NamedTuple):
    """What follows from a try: it is over (`status`), or there is another after `seconds`."""

    status: CallbackStatus | None
    seconds: float = 0.0


class Approval(BaseModel):
    """That a person has approved the answer: who, when, and the result as it was reviewed, null where it is large."""

    state: str
    by: str
    at: datetime
    note: str = ""
    result: JsonValue = None


class Ended(BaseModel):
    """What an event says of a job: its state, and where to read the rest. `approval` is that of `job.approved`."""

    ix_id: str
    client_id: str
    request_id: str
    use_case: str
    status: Status
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    error: Problem | None
    url: str
    configuration: Configured | None = Field(default=None, exclude_if=operator.not_)
    approval: Approval | None = Field(default=None, exclude_if=operator.not_)
    tags: dict[str, str] | None = Field(default=None, exclude_if=operator.not_)
    batch_id: str | None = Field(default=None, exclude_if=operator.not_)


class JobEvent(BaseModel):
    """The event that a job has ended; `type` is `job.done`, `job.error` or `job.cancelled`. Or that a person has
    approved its answer: `job.approved`, which takes the place of a `job.done` that was not delivered yet."""

    type: str
    timestamp: datetime | None
    data: Ended


class EndedBatch(BaseModel):
    """What an event says of a batch: how its jobs ended, and where to read more."""

    client_id: str
    batch_id: str
    created_at: datetime
    closed_at: datetime
    ended_at: datetime
    jobs: BatchJobs
    url: str


class BatchEvent(BaseModel):
    """The event that all jobs of a batch have ended; `type` is `batch.ended`."""

    type: str
    timestamp: datetime
    data: EndedBatch


def body(about: Job | Batch, base: str = "", approval: Mapping[str, Any] | None = None) -> bytes:
    """What is sent in JSON: the event of an ended job, see `event`, or of a batch, see `batch_event`."""
    told = batch_event(about, base) if isinstance(about, Batch) else event(about, base, approval)
    return told.model_dump_json().encode()


def batch_event(batch: Batch, base: str = "") -> BatchEvent:
    """The event of an ended batch as a model. `base` is the web process's public address, if there is one."""
    said = batch.model_dump(include=set(EndedBatch.model_fields))
    data = EndedBatch(**said, url=f"{base.rstrip('/')}/batches/{batch.batch_id}")
    return BatchEvent(type="batch.ended", timestamp=data.ended_at, data=data)


def event(job: Job, base: str = "", approval: Mapping[str, Any] | None = None) -> JobEvent:
    """The event of an ended job as a model, its error's message cut, or that of its `approval`. `base` is the web
    process's public address, if there is one."""
    error = job.response.error if job.response else None
    # what a head calls so is the state of the review alone
    head = job.model_dump(include=set(Ended.model_fields) - {"review"})
    short = Problem(code=error.code, message=error.message[:LONGEST_MESSAGE]) if error else None
    told = Approval.model_validate(approval) if approval else None
    data = Ended(**head, error=short, url=f"{base.rstrip('/')}/jobs/{job.ix_id}", approval=told)
    if told:
        return JobEvent(type=f"job.{told.state}", timestamp=told.at, data=data)
    return JobEvent(type=f"job.{job.status}", timestamp=job.finished_at, data=data)


def headers(delivery_id: str, payload: bytes, keys: Iterable[bytes], now: float) -> dict[str, str]:
    """The headers of one try at `now` (unix seconds). Without a key there is no signature."""
    made = {"content-type": "application/json", "webhook-id": delivery_id, "webhook-timestamp": str(int(now))}
    if signatures := " ".join(signature(key, delivery_id, int(now), payload) for key in keys):
        made["webhook-signature"] = signatures
    return made


def signature(key: bytes, delivery_id: str, timestamp: int, payload: bytes) -> str:
    """One member of `webhook-signature`: `v1,` and the signature with this key."""
    signed = b".".join((delivery_id.encode(), str(timestamp).encode(), payload))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def new_secret() -> tuple[bytes, str]:
    """A random key, and how it is written for people: `whsec_` and its base64."""
    key = secrets.token_bytes(SECRET_BYTES)
    return key, SECRET_PREFIX + base64.b64encode(key).decode()


def judge(status: int | None, answered: Mapping[str, str], attempts: int) -> Verdict:
    """What follows from the `attempts`-th try: 2xx is success, 410 ends it, all else is tried again while the schedule
    lasts, not before the time that Retry-After asks for. `status` is None where nobody answered."""
    if status is not None and 200 <= status < 300:
        return Verdict(CallbackStatus.DELIVERED)
    if status == 410 or attempts > len(SCHEDULE):
        return Verdict(CallbackStatus.FAILED)
    # jittered, so that callbacks which failed together do not come back together
    pause = SCHEDULE[attempts - 1] * random.uniform(0.9, 1.2)
    return Verdict(None, max(pause, min(retry_after(answered.get("retry-after", "")), SCHEDULE[-1])))
