"""The image, built on a Debian root that debootstrap makes, since no registry is asked; and its commands, run as a
container engine would: read-only root, a tmpfs, an account that is not root, no capability, process 1.

`IX_BUILD_IMAGE=1` asks for it, as `make test-all` does: it takes minutes. `IX_TEST_BASE_ROOT` names such a root that is
there already."""

from __future__ import annotations

import ast
import json
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.deploy.programs import DEPLOY, ROOT, program, said_by
from tests.processes import Process

BASE = "docker.io/library/python:3.13-slim-bookworm"
"""What the Dockerfile names: the test's own base gets the same name."""
USER = "10001"
MOUNT = "/mnt"
"""A folder that every Debian has and nothing uses."""
_PATH = "/opt/ix/bin:/usr/local/bin:/usr/bin:/bin"


class Builder:
    """buildah with a storage of its own, in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._buildah = program("buildah")

    def run(self, *arguments: str | Path, seconds: float = 600) -> str:
        """What `buildah ARGUMENTS` prints."""
        # chroot: the only isolation that works where there are no cgroups to write to
        places = ("--root", self._folder / "storage", "--runroot", self._folder / "run")
        return said_by(self._buildah, *places, *arguments, seconds=seconds, BUILDAH_ISOLATION="chroot").strip()

    def base(self) -> None:
        """A Debian with Python under the name that the Dockerfile asks for."""
        container = self.run("from", "scratch")
        self.run("add", "-q", container, _debian(self._folder), "/")
        self.run("commit", "-q", "--rm", container, BASE)

    def build(self, name: str, **arguments: str) -> str:
        """What building `deploy/Dockerfile` prints."""
        config, volumes = pip_settings(self._folder)
        given = [part for key, value in arguments.items() for part in ("--build-arg", f"{key}={value}")]
        options = ("--pull-never", "--layers", "--secret", f"id=pip,src={config}", *volumes, *given)
        return self.run("bud", *options, "-f", DEPLOY / "Dockerfile", "-t", name, ROOT, seconds=1800)

    def configuration(self, name: str) -> Mapping[str, object]:
        """What the image says of itself (OCI image configuration)."""
        found: Mapping[str, object] = json.loads(self.run("inspect", "--type", "image", name))["OCIv1"]["config"]
        return found

    @contextmanager
    def mounted(self, name: str) -> Iterator[Path]:
        """The root of an image."""
        container = self.run("from", "--pull-never", name)
        try:
            yield Path(self.run("mount", container))
        finally:
            self.run("rm", container)

    def clear(self) -> None:
        """Leaves nothing behind."""
        self.run("rm", "--all")
        self.run("rmi", "--all", "--force")


@contextmanager
def builder() -> Iterator[Builder]:
    """A builder with the base; skips the test where none can be."""
    if os.environ.get("IX_BUILD_IMAGE") != "1":
        pytest.skip("the image takes minutes to build: IX_BUILD_IMAGE=1, or make test-all")
    if os.geteuid() != 0:
        pytest.skip("only root can make a Debian root")
    with tempfile.TemporaryDirectory(prefix="ix-image-", dir="/var/tmp", ignore_cleanup_errors=True) as folder:
        made = Builder(Path(folder))
        made.base()
        try:
            yield made
        finally:
            made.clear()


def container(root: Path, command: str, database_url: str, folder: Path, **settings: str) -> Process:
    """`ix COMMAND` inside an image, over the network of this machine. The database's socket is in `folder`, which
    is `MOUNT` there."""
    bwrap = program("bwrap", "bubblewrap")
    view = f"--ro-bind {root} / --proc /proc --dev /dev --perms 1777 --tmpfs /tmp --ro-bind {folder} {MOUNT}"
    alone = "--unshare-pid --as-pid-1 --unshare-ipc --unshare-uts --clearenv --chdir /tmp"
    account = f"setpriv --reuid={USER} --regid={USER} --clear-groups --no-new-privs"
    powers = "--bounding-set=-all --inh-caps=-all --"
    inside = {"PATH": _PATH, "HOME": "/tmp", "PYTHONDONTWRITEBYTECODE": "1", "IX_POSTGRES_URL": database_url} | settings
    given = [part for key, value in inside.items() for part in ("--setenv", key, value)]
    wrapped = [bwrap, *view.split(), *alone.split(), *given, *account.split(), *powers.split()]
    return Process(command, database_url, by=wrapped, python="/opt/ix/bin/python")


def first_process(outer: Process) -> int:
    """The process inside, which is process 1 there: a container engine sends its signals to it."""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text().split()
    return int(children[0])


def end(outer: Process) -> None:
    """Ends whatever still runs inside. bwrap alone would go and leave it behind: whoever becomes another account is
    not told any more that its parent died (prctl(2), PR_SET_PDEATHSIG)."""
    with suppress(IndexError, OSError):
        os.kill(first_process(outer), signal.SIGKILL)
    outer.stop()


def _debian(folder: Path) -> Path:
    if given := os.environ.get("IX_TEST_BASE_ROOT"):
        return Path(given)
    root, parts = folder / "debian", "python3,python3-venv,ca-certificates"
    said_by(program("debootstrap"), "--variant=minbase", f"--include={parts}", "bookworm", root, seconds=1800)
    return root


def pip_settings(folder: Path) -> tuple[Path, list[str]]:
    """How pip is set up here, for pip in there: a file, and mounts of the folders that it names."""
    said = said_by(program("pip", "python3-pip"), "config", "list")
    lines = re.findall(r"^(\S+)=('.*')$", said, re.MULTILINE)
    found = {key.rpartition(".")[2]: ast.literal_eval(value) for key, value in lines}
    config = folder / "pip.conf"
    config.write_text("\n".join(["[global]", *(f"{key} = {value}" for key, value in found.items())]))
    named = re.findall(r"(?<![\w:/])(?:file://)?(/[\w.-]+/[\w.-]+)", "\n".join(found.values()))
    places = [place for place in sorted(set(named)) if Path(place).exists()]
    return config, [part for place in places for part in ("-v", f"{place}:{place}:ro")]


def size_in_megabytes(root: Path) -> int:
    """What a folder takes."""
    said = subprocess.run(["du", "-sm", str(root)], capture_output=True, text=True, check=True).stdout
    return int(said.split()[0])
