"""What the client does, without doing it: each operation is a generator that yields calls and is sent their answers.

They run under `Client`, which waits for each answer, as well as under `AsyncClient`, which awaits it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import parse_qs, quote, urlsplit
from uuid import uuid4

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from ix.client.errors import ClientError, refusal, strange
from ix.job import Batch, Job, JobHead, Status
from ix.use_cases import UseCaseInfo

POLL_SECONDS = 25.0
"""Length of one long poll: below the 30 s after which proxies often give up."""
ENDED = frozenset({Status.DONE, Status.ERROR, Status.CANCELLED})
File: TypeAlias = "str | Path | tuple[str, bytes]"
"""A file's path, or a name with its bytes."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Document:
    """A document, and what is said of it: `pages` are the only ones to read, such as `1-3,5` or `2-`; `password` opens
    it."""

    file: File
    pages: str = ""
    password: str = field(default="", repr=False)


Source: TypeAlias = "File | Document"
"""What `submit` takes for a document."""


Act = Literal["retry", "cancel", "erase"]


class Action(BaseModel):
    """How far an action on many jobs is: `done` and `failed` of `of`, and for which `reasons` jobs were left as they
    were. `state` is `pending`, `running` or `done`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    action: Act
    of: int
    done: int
    failed: int
    reasons: Mapping[str, int]
    state: str
    created_at: datetime
    moved_at: datetime


@dataclass(frozen=True, slots=True)
class Call:
    """One request. `held` is how long the service may hold its answer, seconds."""

    method: str
    path: str
    params: Mapping[str, Any] = field(default_factory=dict)
    json: Mapping[str, Any] | None = field(default=None, repr=False)
    data: Mapping[str, str | Sequence[str]] | None = field(default=None, repr=False)
    files: Sequence[tuple[str, tuple[str, bytes]]] | None = None
    held: float = 0.0
    headers: Mapping[str, str] | None = None


Operation: TypeAlias = Generator[Call, httpx.Response, T]


def submit(
    documents: Sequence[Source],
    use_case: str | None,
    client_id: str | None,
    request_id: str | None,
    options: Mapping[str, Any] | None,
    callback_url: str | None,
    priority: int,
    run_at: datetime | None,
    tags: Mapping[str, str] | None = None,
    batch_id: str | None = None,
    configuration: str | None = None,
) -> Operation[Job]:
    """Posts a job: as a form where there are documents, else as JSON. Without a `request_id` it gets one that is made
    from the content, or with passwords at random: anybody may see it, and could try passwords on it."""
    given = [one if isinstance(one, Document) else Document(one) for one in documents]
    files = [read(one.file) for one in given]
    said = {"pages": [one.pages for one in given], "password": [one.password for one in given]}
    # sorted, since the request id is made from it
    written = json.dumps(options or {}, sort_keys=True)
    # texts, as a form has them, and nothing that is at its default: the request id is made from these
    asked = {
        "callback_url": callback_url,
        "priority": str(priority) if priority else None,
        "run_at": run_at.isoformat() if run_at else None,
        "tags": json.dumps(dict(tags), sort_keys=True) if tags else None,
        "batch_id": batch_id,
        "configuration": configuration,
    }
    more = {name: value for name, value in asked.items() if value is not None}
    of_each = {name: texts for name, texts in said.items() if any(texts)}
    content = {**more, **{name: json.dumps(texts) for name, texts in of_each.items()}}
    made = uuid4().hex if "password" in of_each else _request_id(use_case or "", written, files, content)
    fields = {"request_id": request_id or made, **({"use_case": use_case} if use_case else {}), **more}
    if client_id is not None:
        fields["client_id"] = client_id
    if files:
        data = {**fields, **of_each, "options": written}
        call = Call("POST", "/jobs", data=data, files=[("documents", file) for file in files])
    else:
        labels = {"tags": dict(tags)} if tags else {}
        call = Call("POST", "/jobs", json={**fields, "options": dict(options or {}), **labels})
    return job_of((yield call))


def submit_many(jobs: Sequence[Mapping[str, Any]], client_id: str | None) -> Operation[list[Job | ClientError]]:
    """Posts many jobs in one call; each job's envelope or error, in their order."""
    # the job's own members last: they win
    filled = [{"request_id": _request_id_of(job), **_whose(client_id), **job} for job in jobs]
    answer = yield Call("POST", "/jobs/batch", json={"jobs": filled})
    try:
        return [_outcome(item) for item in plain(answer)["jobs"]]
    except (KeyError, TypeError, ValidationError):
        raise strange(answer) from None


def get(ix_id: str) -> Operation[Job]:
    """Reads a job by the service's id."""
    return job_of((yield Call("GET", f"/jobs/{ix_id}")))


def find(client_id: str | None, request_id: str) -> Operation[Job]:
    """Reads a job by the client's own ids."""
    answer = yield Call("GET", "/jobs", {**_whose(client_id), "request_id": request_id})
    return job_of(answer)


def wait(ix_id: str, seconds: float | None) -> Operation[Job]:
    """Reads a job once it has ended, or as it is after `seconds`."""
    deadline = None if seconds is None else time.monotonic() + seconds
    while True:
        # the last poll may be one of no time at all: the job as it is
        left = POLL_SECONDS if deadline is None else min(max(deadline - time.monotonic(), 0.0), POLL_SECONDS)
        answer = yield Call("GET", f"/jobs/{ix_id}", {"wait": f"{left:.3f}"}, held=left)
        job = job_of(answer)
        if job.status in ENDED or (deadline is not None and time.monotonic() >= deadline):
            return job


def page(filters: Mapping[str, Any]) -> Operation[tuple[list[JobHead], dict[str, Any] | None]]:
    """One page of a list, and the filters of the next one."""
    asked = {name: _texts(value) for name, value in filters.items() if value is not None}
    answer = yield Call("GET", "/jobs", asked)
    listed = plain(answer)
    link = listed.get("next")
    # the link's path is the service's own, whose address may be another where a proxy stands before it
    following: dict[str, Any] | None = dict(parse_qs(urlsplit(link).query)) if link else None
    return [JobHead.model_validate(job) for job in listed.get("jobs", ())], following


def _texts(value: Any) -> str | list[str]:
    """A value of a query, or several of one name."""
    return list(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)


def cancel(ix_id: str) -> Operation[Job]:
    """Cancels a job that has not ended."""
    return job_of((yield Call("DELETE", f"/jobs/{ix_id}")))


def retry(ix_id: str, passwords: Sequence[str | None]) -> Operation[Job]:
    """Takes a job that has ended back to pending."""
    asked = {"passwords": list(passwords)} if passwords else None
    return job_of((yield Call("POST", f"/jobs/{ix_id}/retry", json=asked)))


def erase(ix_id: str) -> Operation[None]:
    """Removes a job and its documents for good."""
    yield Call("DELETE", f"/jobs/{ix_id}", {"erase": "true"})


def use_cases() -> Operation[list[UseCaseInfo]]:
    """Reads what can be asked for."""
    answer = yield Call("GET", "/use-cases")
    try:
        return [UseCaseInfo.model_validate(one) for one in plain(answer).get("use_cases", ())]
    except (ValidationError, TypeError):
        raise strange(answer) from None


def act(
    action: Act,
    ids: Sequence[str] | None,
    where: Mapping[str, Any] | None,
    expect: int | None,
    discard_review: bool,
) -> Operation[Action]:
    """Has something done to many jobs."""
    which = {"ids": ids if ids is None else list(ids), "where": where if where is None else dict(where)}
    asked = {"action": action, **which, "expect": expect, "discard_review": discard_review}
    body = {name: value for name, value in asked.items() if value is not None}
    return _action((yield Call("POST", "/jobs/actions", json=body)))


def action(action_id: str) -> Operation[Action]:
    """Reads how far an action is."""
    return _action((yield Call("GET", f"/actions/{quote(action_id, safe='')}")))


def pause(use_case: str) -> Operation[None]:
    """Lets no job of a use case begin."""
    yield Call("PUT", f"/use-cases/{quote(use_case, safe='')}/pause")


def resume(use_case: str) -> Operation[None]:
    """Lets a use case go on."""
    yield Call("DELETE", f"/use-cases/{quote(use_case, safe='')}/pause")


def declare_batch(client_id: str | None, batch_id: str, callback_url: str | None) -> Operation[Batch]:
    """Declares a batch, or finds the one that has the name."""
    asked = {"batch_id": batch_id, "callback_url": callback_url, "client_id": client_id}
    body = {name: value for name, value in asked.items() if value is not None}
    return _batch((yield Call("POST", "/batches", json=body)))


def batch(client_id: str | None, batch_id: str) -> Operation[Batch]:
    """Reads a batch, and how many jobs it has by state."""
    return _batch((yield Call("GET", _path(batch_id), _whose(client_id))))


def close_batch(client_id: str | None, batch_id: str) -> Operation[Batch]:
    """Says that no more jobs come to a batch."""
    return _batch((yield Call("POST", f"{_path(batch_id)}/close", _whose(client_id))))


def cancel_batch(client_id: str | None, batch_id: str) -> Operation[Action]:
    """Closes a batch, and cancels its jobs that have not ended."""
    return _action((yield Call("POST", f"{_path(batch_id)}/cancel", _whose(client_id))))


def job_of(answer: httpx.Response) -> Job:
    """The envelope in an answer. Raises `ClientError` for anything else."""
    try:
        return Job.model_validate_json(answer.content)
    except ValidationError:
        raise strange(answer) from None


def plain(answer: httpx.Response) -> dict[str, Any]:
    """The JSON object in an answer. Raises `ClientError` for anything else."""
    try:
        value = answer.json()
    except ValueError:
        raise strange(answer) from None
    if not isinstance(value, dict):
        raise strange(answer)
    return value


def _path(batch_id: str) -> str:
    return f"/batches/{quote(batch_id, safe='')}"


def _whose(client_id: str | None) -> dict[str, str]:
    return {} if client_id is None else {"client_id": client_id}


def _batch(answer: httpx.Response) -> Batch:
    try:
        return Batch.model_validate(plain(answer))
    except ValidationError:
        raise strange(answer) from None


def _action(answer: httpx.Response) -> Action:
    try:
        return Action.model_validate(plain(answer))
    except ValidationError:
        raise strange(answer) from None


def _outcome(item: Mapping[str, Any]) -> Job | ClientError:
    return refusal(item["status"], item["problem"]) if "problem" in item else Job.model_validate(item["job"])


def _request_id_of(job: Mapping[str, Any]) -> str:
    if any("password" in document for document in job.get("documents", ())):
        return uuid4().hex
    return hashlib.sha256(json.dumps(job, sort_keys=True).encode()).hexdigest()[:32]


def read(source: File) -> tuple[str, bytes]:
    """A document's name and bytes. Raises `OSError`."""
    if isinstance(source, tuple):
        return source
    path = Path(source)
    return path.name, path.read_bytes()


def _request_id(use_case: str, options: str, files: Sequence[tuple[str, bytes]], more: Mapping[str, str]) -> str:
    """32 hexadecimal digits of a SHA-256, so that a repeated submission of the same content finds the same job."""
    digest = hashlib.sha256(f"{use_case}\n{options}".encode())
    for name, data in files:
        # not the bytes themselves, which could look like the name of a next document
        digest.update(f"\n{name}\n".encode() + hashlib.sha256(data).digest())
    for name, value in more.items():
        digest.update(f"\n{name}={value}".encode())
    return digest.hexdigest()[:32]
