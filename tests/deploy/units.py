"""The units of systemd, as they are written."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from tests.deploy.programs import DEPLOY

FOLDER = DEPLOY / "systemd"
NAMES = ("ix-web@", "ix-engine@", "ix-migrate")


def service(name: str) -> dict[str, list[str]]:
    """The section [Service] of a unit: all values of each key, in their order."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    section = ""
    for line in file_of(name).read_text().splitlines():
        if line.startswith("["):
            section = line
        elif section == "[Service]" and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def environment(name: str, credentials: str) -> dict[str, str]:
    """The variables that a unit sets; `credentials` is the folder of its credentials, `%d`."""
    pairs = (one.partition("=") for one in service(name)["Environment"])
    return {key: value.replace("%d", credentials) for key, _, value in pairs}


def credentials(name: str) -> dict[str, str]:
    """Which file each credential of a unit comes from."""
    pairs = (one.partition(":") for one in service(name)["LoadCredential"])
    return {key: value for key, _, value in pairs}


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.service"
