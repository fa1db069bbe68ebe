"""A service for hostile documents, as processes: what a client is answered, and what the engine and its children take
meanwhile."""

from __future__ import annotations

import base64
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import psutil

from tests.processes import Process

SAMPLE_SECONDS = 0.005
NOTHING: Mapping[str, str] = {}


class Service:
    """A running web and engine."""

    def __init__(self, web: Process, engine: Process) -> None:
        self.web, self.engine = web, engine
        address = web.until(r"web listens address=(\S+)")[1]
        engine.until("listener connected")
        self.client = httpx.Client(base_url=address, timeout=60, trust_env=False)

    def submit(self, **fields: Any) -> httpx.Response:
        """The answer to a submission."""
        return self.client.post("/jobs", json={"client_id": "mallory", "request_id": uuid.uuid4().hex, **fields})

    def ended(self, job: dict[str, Any], seconds: float = 60) -> dict[str, Any]:
        """The job after its end."""
        found: dict[str, Any] = self.client.get(f"/jobs/{job['ix_id']}", params={"wait": seconds}).json()
        assert found["status"] in ("done", "error"), found["status"]
        return found

    def read(self, *data: bytes, **fields: Any) -> dict[str, Any]:
        """The ended job of these documents."""
        documents = [{"data": base64.b64encode(one).decode()} for one in data]
        answer = self.submit(**{"use_case": "receipt", "documents": documents, **fields})
        assert answer.status_code == 201, answer.text
        return self.ended(answer.json())

    def memory(self) -> int:
        """Resident bytes of the engine and all its children, now."""
        engine, total = psutil.Process(self.engine.pid), 0
        for process in [engine, *engine.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def stop(self) -> None:
        self.client.close()
        with ThreadPoolExecutor() as threads:
            list(threads.map(Process.stop, (self.web, self.engine)))


@contextmanager
def service(
    database_url: str, module: str = "ix", web_only: Mapping[str, str] = NOTHING, **settings: str
) -> Iterator[Service]:
    """A service whose engine, if a `module` is named, is started by that; `web_only` are settings of web that the
    engine does not have."""
    web = Process("web", database_url, **{**settings, **web_only})
    engine = Process("engine", database_url, module, **settings)
    try:
        running = Service(web, engine)
    except BaseException:
        web.stop()
        engine.stop()
        raise
    try:
        yield running
    finally:
        running.stop()


class Watch:
    """The most memory that was seen, beside what there was at the start, bytes."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._before = self._most = service.memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def growth(self) -> int:
        return self._most - self._before

    def _sample(self) -> None:
        while not self._over.is_set():
            self._most = max(self._most, self._service.memory())
            time.sleep(SAMPLE_SECONDS)
