"""The service that is measured: the one that is named, else one that is started for as long, as `ix up` does."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, Queue

from ix.cli import service
from ix.cli.output import remark
from ix.config.reading import read
from ix.errors import IxError

OWN = frozenset({"IX_POSTGRES_URL", "IX_LISTEN_URL", "IX_HOST", "IX_PORT", "IX_HOME", "IX_URL", "IX_KEY"})
"""Settings that a service of its own does not take over: it never touches a database that holds anything."""
START_SECONDS, STOP_SECONDS = 120.0, 30.0
_LISTENS = re.compile(r"web listens address=(\S+)")


@contextmanager
def running(parsed: argparse.Namespace) -> Iterator[str]:
    """The address of the service that `--url` or `IX_URL` names; without either, that of one which is started, with an
    embedded database that is gone afterwards. Raises `IxError` where it does not start."""
    if parsed.url or read(["url"]):
        yield service.address(parsed)
        return
    remark("ix eval: starting a service of its own; --url measures another one")
    with tempfile.TemporaryDirectory(prefix="ix-eval-") as home, _started(Path(home)) as address:
        yield address


@contextmanager
def _started(home: Path) -> Iterator[str]:
    kept = {name: value for name, value in os.environ.items() if name.removesuffix("_FILE") not in OWN}
    own = {"IX_HOME": str(home), "IX_HOST": "127.0.0.1", "IX_PORT": "0"}
    # its log says where it listens
    own |= {"IX_LOG_LEVEL": "INFO", "IX_LOG_FORMAT": "text"}
    process = subprocess.Popen(
        [sys.executable, "-m", "ix", "up"],
        env={**kept, **own},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        # a Ctrl-C is this command's, which ends the service itself
        start_new_session=True,
    )
    news: Queue[str] = Queue()
    reader = threading.Thread(target=_pass_on, args=(process, news), daemon=True)
    reader.start()
    try:
        yield _address(news)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(STOP_SECONDS)


def _pass_on(process: subprocess.Popen[str], news: Queue[str]) -> None:
    assert process.stdout is not None
    # to its end, so that a full pipe stops nobody
    for line in process.stdout:
        news.put(line.rstrip())
    news.put("")


def _address(news: Queue[str]) -> str:
    """Waits until web says where it listens."""
    last: list[str] = []
    try:
        while line := news.get(timeout=START_SECONDS):
            if found := _LISTENS.search(line):
                return found[1]
            last = [*last[-4:], line]
    except Empty:
        pass
    raise IxError("the service did not start:\n" + "\n".join(last))
