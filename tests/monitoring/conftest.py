"""A real Prometheus that scrapes a real web process."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.chaos.fleet import patiently

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"


def needed(program: str) -> str:
    """The path of one of Prometheus's programs; skips where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"no {program} on this machine (Debian: prometheus)")
    return found


class Prometheus:
    """Its HTTP API."""

    def __init__(self, address: str) -> None:
        self._address = address

    def ask(self, path: str, **asked: str) -> Any:
        """The data of an answer."""
        answer = httpx.get(f"{self._address}/api/v1/{path}", params=asked, trust_env=False).json()
        assert answer["status"] == "success", answer
        return answer["data"]

    def value(self, expression: str) -> float | None:
        """The number that an expression has now; None where it has none."""
        found = self.ask("query", query=expression)["result"]
        return float(found[0]["value"][1]) if found else None

    def firing(self) -> set[str]:
        """The alerts that fire."""
        return {one["labels"]["alertname"] for one in self.ask("alerts")["alerts"] if one["state"] == "firing"}

    def until_firing(self, alert: str) -> None:
        """Returns once an alert fires."""
        for _ in patiently(30):
            if alert in self.firing():
                return

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self._address}/-/ready", trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


@contextmanager
def prometheus(target: str, key: str, folder: Path) -> Iterator[Prometheus]:
    """One with the configuration and the rules of `deploy/monitoring`, but that it looks each second, and no alert
    waits."""
    program = needed("prometheus")
    given = (FOLDER / "prometheus.yml").read_text()
    text = given.replace("127.0.0.1:8080", target).replace("scrape_interval: 15s", SECONDLY)
    assert text.count(target) == text.count("evaluation_interval") == 1
    (folder / "prometheus.yml").write_text(text)
    rules = [line for line in (FOLDER / "alerts.yml").read_text().splitlines() if not line.strip().startswith("for:")]
    (folder / "alerts.yml").write_text("\n".join(rules))
    (folder / "key").write_text(key)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        program,
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
    ]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        found = Prometheus(f"http://127.0.0.1:{port}")
        for _ in patiently(30):
            if found.is_up():
                break
        yield found
    finally:
        running.terminate()
        running.wait(10)


SECONDLY = "scrape_interval: 1s\n  evaluation_interval: 1s"
