"""Jobs for tests of the pages: of the drill, which obeys, each test's under a client of its own."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import httpx


def new_client() -> str:
    """The name of a client that has no jobs yet."""
    return f"c-{uuid.uuid4().hex[:8]}"


def drills(api: httpx.Client, client_id: str, *options: Mapping[str, Any], **more: Any) -> Sequence[str]:
    """Submits a job for each of some options. Returns their ids, oldest first."""
    jobs = [
        {"client_id": client_id, "request_id": f"r-{uuid.uuid4().hex[:8]}", "use_case": "drill", "options": one, **more}
        for one in options
    ]
    answer = api.post("/jobs/batch", json={"jobs": jobs})
    answer.raise_for_status()
    return sorted(one["job"]["ix_id"] for one in answer.json()["jobs"])


def ended(api: httpx.Client, ids: Sequence[str]) -> None:
    """Waits until the jobs have ended."""
    for ix_id in ids:
        assert api.get(f"/jobs/{ix_id}", params={"wait": 20}).json()["finished_at"]


def file(api: httpx.Client, client_id: str, name: str, content: bytes = b"%PDF-1.4 broken") -> str:
    """Submits a document under a name. Returns the job's id."""
    data = {"client_id": client_id, "request_id": uuid.uuid4().hex[:8], "use_case": "invoice"}
    answer = api.post("/jobs", data=data, files={"documents": (name, content, "application/pdf")})
    answer.raise_for_status()
    return str(answer.json()["ix_id"])
