"""From two machines that have booted to a service on both, as the page has it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import httpx

from tests.chaos.fleet import patiently
from tests.machines import runbook
from tests.machines.machine import Machine, on

READY_SECONDS = 60.0
COPIED = ("/etc/ix", "/etc/postgresql/15/main")
"""What the page copies from a to b with scp."""

_CONFINED = "grep -q '^Seccomp:.2' /proc/$1/status && grep -q '^CapBnd:.0*$' /proc/$1/status"
"""What the units ask for is in force: a filter of system calls, and no capability."""


class Service:
    """The service on both machines: what its clients need to know."""

    def __init__(self, machines: dict[str, Machine]) -> None:
        self.machines = machines
        self.key = self.secret("bootstrap_key")
        self.urls = [f"https://{one.address}" for one in machines.values()]

    def secret(self, name: str) -> str:
        """What a file of secrets holds."""
        return self.machines["a"].file(f"/etc/ix/secrets/{name}").read_text()

    def database_url(self, account: str) -> str:
        """The address of the database for an account, from here."""
        places = ",".join(one.address for one in self.machines.values())
        return self.secret(f"{account}_url").replace("@a,b/", f"@{places}/")

    def certificates(self, folder: Path) -> Path:
        """A file with the certificates that vouch for both proxies."""
        root = "/var/lib/caddy/.local/share/caddy/pki/authorities/local/root.crt"
        (file := folder / "proxies.crt").write_text(
            "".join(one.file(root).read_text() for one in self.machines.values())
        )
        return file


def set_up(machines: dict[str, Machine]) -> Service:
    """Runs the blocks of the page; returns when both proxies answer for both web processes."""
    a, b = machines["a"], machines["b"]
    for heading in ("Secrets", "PostgreSQL", "Documents", "ix", "Proxies"):
        for block in runbook.blocks(heading):
            on(machines, block)
            if block.machines == ("a",):
                for place in COPIED:
                    _copy(a.file(place), b.file(place))
    service = Service(machines)
    for url in service.urls:
        _until_ready(url, service.key)
    for one in machines.values():
        for unit in ("ix-web@1", "ix-engine@1"):
            one.run(_CONFINED, str(one.pid(unit)))
    return service


def _copy(folder: Path, to: Path) -> None:
    """As `scp -rp` between them: who may read it stays, whose it is was the same on both from the start."""
    shutil.copytree(folder, to, dirs_exist_ok=True)


def _until_ready(url: str, key: str) -> None:
    headers: Mapping[str, str] = {"authorization": f"Bearer {key}"}
    for _ in patiently(READY_SECONDS, pause=0.2):
        try:
            # its certificate may not be made yet
            if httpx.get(f"{url}/readyz", headers=headers, verify=False, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            continue
