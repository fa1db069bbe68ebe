"""A machine: systemd as process 1 of a Debian root, in namespaces of its own, and what is done to it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tests.deploy.programs import program
from tests.machines import network
from tests.machines.roots import Layers
from tests.machines.runbook import BOTH, Block

BOOT_SECONDS = 60.0
RUN_SECONDS = 300.0
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


class Machine:
    """A machine that has booted. `name` is a or b, `address` what others reach it by."""

    def __init__(self, name: str, layers: Layers) -> None:
        self.name, self.address = name, network.ADDRESSES[name]
        self._layers = layers
        self._network = network.namespace(name, os.getpid())
        self._group = groups() / self._network
        self._bwrap: subprocess.Popen[bytes] | None = None
        names = [f"{address} {one} web" for one, address in network.ADDRESSES.items()]
        self._log = layers.own / "boot.log"
        # before it boots; that it keeps its journal on its disk lets what engines said be counted at the end
        (layers.upper / "etc").mkdir(parents=True)
        (layers.upper / "etc" / "hosts").write_text("\n".join(["127.0.0.1 localhost", *names, ""]))
        (layers.upper / "etc" / "hostname").write_text(f"{name}\n")
        (layers.upper / "var" / "log" / "journal").mkdir(parents=True)

    def boot(self) -> None:
        """Returns when systemd has started what is enabled. Raises `AssertionError` where it does not."""
        self._group.mkdir()
        view = f"--bind {self._layers.root} / --proc /proc --dev /dev --ro-bind /sys /sys"
        alone = f"--bind {self._group} /sys/fs/cgroup --tmpfs /run --tmpfs /tmp --unshare-pid --unshare-ipc"
        inside = f"--unshare-uts --unshare-cgroup --as-pid-1 --hostname {self.name} --cap-add ALL --die-with-parent"
        with self._log.open("wb") as log:
            self._bwrap = subprocess.Popen(
                [
                    *("nsenter", f"--net=/run/netns/{self._network}"),
                    *(*self._layers.mounting(), program("bwrap", "bubblewrap")),
                    *(*view.split(), *alone.split(), *inside.split()),
                    *("--clearenv", "--setenv", "container", "bwrap", "--setenv", "PATH", _PATH),
                    # else what systemd mounts for one service, as its credentials, is seen by nobody
                    *("sh", "-c", "mount --make-rshared / && exec /lib/systemd/systemd"),
                ],
                stdout=log,
                stderr=log,
                # the group has to be its root's before it starts
                preexec_fn=self._enter,
            )
        deadline = time.monotonic() + BOOT_SECONDS
        while self._state() not in ("running", "degraded"):
            assert time.monotonic() < deadline, self._log.read_text()[-2000:]
            time.sleep(0.2)

    def run(self, script: str, *arguments: str, seconds: float = RUN_SECONDS, check: bool = True) -> str:
        """What a script prints that root runs there; it ends at the first command that fails, which is an error."""
        done = subprocess.run(
            [*self._inside(), "sh", "-euc", f"cd /root\n{script}", "sh", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
        )
        assert done.returncode == 0 or not check, f"on {self.name}: {script}\n{done.stdout[-4000:]}"
        return done.stdout.strip()

    def pid(self, unit: str) -> int:
        """The first process of a service, by its number there; 0 where none runs."""
        return int(self.run(f"systemctl show -P MainPID {unit}"))

    def kill(self, unit: str) -> None:
        """SIGKILL to the first process of a service, and to no other."""
        self.run(f"systemctl kill --kill-who=main -s KILL {unit}")

    def children(self, unit: str) -> list[str]:
        """The children of a service's first process, by their numbers there."""
        return self.run("cat /proc/$1/task/*/children || true", str(self.pid(unit))).split()

    def computed(self, units: Sequence[str]) -> dict[str, float]:
        """Processor seconds that services have taken since it booted, by what their names begin with; those of
        processes that are gone count as long as their service is there."""
        found = dict.fromkeys(units, 0.0)
        for file in (self._group / "system.slice").rglob("*.service/cpu.stat"):
            for unit in units:
                if file.parent.name.startswith(unit):
                    found[unit] += int(file.read_text().split()[1]) / 1e6
        return found

    def is_active(self, unit: str) -> bool:
        return self.run(f"systemctl is-active {unit}", check=False) == "active"

    def file(self, path: str) -> Path:
        """A file of its root, from here, while it runs."""
        return Path(f"/proc/{self._init()}/root") / path.lstrip("/")

    def _enter(self) -> None:
        (self._group / "cgroup.procs").write_text("0")

    def _inside(self) -> list[str]:
        return [
            *("nsenter", f"--target={self._init()}", "--all", "--wd", "env", "-i"),
            *(f"PATH={_PATH}", "HOME=/root", "LC_ALL=C.UTF-8"),
        ]

    def _init(self) -> int:
        """Process 1 of it, by its number here."""
        assert self._bwrap is not None
        children = Path(f"/proc/{self._bwrap.pid}/task/{self._bwrap.pid}/children").read_text().split()
        assert children, f"{self.name} is gone"
        return int(children[0])

    def _state(self) -> str:
        try:
            return self.run("systemctl is-system-running", check=False)
        except (AssertionError, OSError):
            return "starting"


def on(machines: dict[str, Machine], block: Block) -> None:
    """Runs a block of the page where it says so."""
    for name in block.machines:
        machines[name].run(block.script)


def booted(below: Sequence[Path], folder: Path) -> dict[str, Machine]:
    """Machines over these layers, in the network that there is; `folder` gets what they write."""
    machines = {name: Machine(name, Layers(below, folder / name)) for name in BOTH}
    for one in machines.values():
        one.boot()
    return machines


def clear(run: int) -> None:
    """Ends everything that runs on the machines of a run, and nothing else: the kernel knows who belongs to a group."""
    for group in (groups() / network.namespace(name, run) for name in BOTH):
        if group.exists():
            (group / "cgroup.kill").write_text("1")
            _remove(group)


def groups() -> Path:
    """The second version of control groups, wherever it is mounted: systemd needs one of its own."""
    for line in Path("/proc/mounts").read_text().splitlines():
        _, place, kind, options = line.split()[:4]
        if kind == "cgroup2" and "rw" in options.split(","):
            return Path(place)
    raise AssertionError("no cgroup2 file system that can be written to: systemd cannot run")


def _remove(group: Path) -> None:
    """Takes a group away with all below it, once their processes are gone."""
    deadline = time.monotonic() + 10
    while group.exists() and time.monotonic() < deadline:
        for one in sorted((path for path in group.rglob("*") if path.is_dir()), reverse=True):
            with suppress(OSError):
                one.rmdir()
        with suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.05)
