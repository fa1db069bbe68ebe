"""`make demo` as one sees it: on a terminal it stays up until Ctrl-C, else it ends by itself."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import signal
import subprocess
import sys
import termios
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[2]
CONSOLE = re.compile(rb"The console: (http://127\.0\.0\.1:\d+)/")
CTRL_C = b"\x03"
PIECE = 4096


def test_on_a_terminal_it_stays_up_until_ctrl_c(home: Path) -> None:
    # the account that PostgreSQL runs as has to come through to the folder in it
    home.chmod(0o755)
    terminal, inside = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "examples.demo"],
        cwd=ROOT,
        env={**os.environ, "IX_HOME": str(home)},
        stdin=inside,
        stdout=inside,
        stderr=inside,
        start_new_session=True,
        preexec_fn=lambda: _takes(inside),
    ) as demo:
        os.close(inside)
        said = _until(CONSOLE, terminal)
        assert (found := CONSOLE.search(said)), said.decode(errors="replace")
        assert httpx.get(f"{found[1].decode()}/livez", trust_env=False).status_code == 200
        os.write(terminal, CTRL_C)
        said = _until(None, terminal)
        assert demo.wait(60) == 0, said.decode(errors="replace")
        assert b"How to go on" in said


def _takes(terminal: int) -> None:
    """What is typed there, Ctrl-C, reaches this process as a signal."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    # a shell that runs the tests in the background has them ignore it
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _until(wanted: re.Pattern[bytes] | None, terminal: int) -> bytes:
    """What is said until something is, or until the other side is closed."""
    said = b""
    while not (wanted and wanted.search(said)):
        try:
            said += os.read(terminal, PIECE)
        except OSError:
            # EIO: nobody has it open any more (pty(7))
            break
    return said
