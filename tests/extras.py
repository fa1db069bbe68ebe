"""An interpreter in which only some packages are installed, or so it seems to what runs in it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Set
from functools import cache
from importlib.metadata import packages_distributions, requires

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ix.config import DISTRIBUTION

_PRELUDE = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Absent())
"""


def run(program: str, there: Set[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Runs Python text in which ix, the standard library and these modules can be imported, and no others."""
    absent = _installed().keys() - there - {"ix"}
    text = f"ABSENT = {sorted(absent)}\n{_PRELUDE}\n{program}"
    clean = {name: value for name, value in os.environ.items() if not name.startswith("IX_")}
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, env={**clean, **env})


def modules_of(*distributions: str) -> set[str]:
    """The modules that come with these distributions and with all that they depend on."""
    return _modules({name for name in distributions for name in _with_dependencies(Requirement(name))})


def modules_with(*extras: str) -> set[str]:
    """The modules that come with ix and these extras of it."""
    return _modules(set(_with_dependencies(Requirement(f"{DISTRIBUTION}[{','.join(extras)}]"))))


_installed = cache(packages_distributions)


def _modules(distributions: set[str]) -> set[str]:
    return {
        module
        for module, owners in _installed().items()
        if not distributions.isdisjoint(map(canonicalize_name, owners))
    }


def _with_dependencies(requirement: Requirement) -> Iterator[str]:
    yield canonicalize_name(requirement.name)
    for line in requires(requirement.name) or ():
        needed = Requirement(line)
        if any(_applies(needed, extra) for extra in ("", *requirement.extras)):
            yield from _with_dependencies(needed)


def _applies(needed: Requirement, extra: str) -> bool:
    return needed.marker is None or needed.marker.evaluate({"extra": extra})
