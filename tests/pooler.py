"""A real PgBouncer in transaction mode, for tests that find one on the PATH."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ix.database.embedded import LocalPostgres
from tests.ports import free_port

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
CONFIGURATION = """
[databases]
* = host={host} port={port} user={user} {password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = {mode}
default_pool_size = 3
max_client_conn = 200
"""


@contextmanager
def bouncer(url: str, mode: str = "transaction", configuration: str = CONFIGURATION) -> Iterator[str]:
    """The database's address through a PgBouncer of its own. `configuration` may name {listen}, its port, and parts of
    the address."""
    assert PROGRAM is not None
    folder = Path(tempfile.mkdtemp(prefix="ix-bouncer-"))
    listen = free_port()
    (folder / "pgbouncer.ini").write_text(configuration.format(**_server(url), listen=listen, mode=mode))
    # it refuses to run as root, as PostgreSQL does, and must get at the server's socket
    identity = LocalPostgres(folder)._identity()
    if "user" in identity:
        os.chown(folder, identity["user"], identity["group"])
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, str(folder / "pgbouncer.ini")], stdout=log, stderr=log, cwd=folder, **identity
        )
    try:
        _await_listening(listen, process, folder / "log")
        yield f"postgres://{_server(url)['user']}@127.0.0.1:{listen}/{urlsplit(url).path.lstrip('/')}?sslmode=disable"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder)


def _server(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return {
        "host": query.get("host") or parts.hostname or "127.0.0.1",
        "port": query.get("port") or parts.port or 5432,
        "user": parts.username or "postgres",
        "password": f"password={parts.password}" if parts.password else "",
    }


def _await_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise AssertionError(f"PgBouncer does not listen: {log.read_text()}")
