"""Nothing stands in the package that nothing uses."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from functools import cache

from tests.architecture.tree import FUNCTIONS, Finding, Module, hold, modules, prose

FOR_CALLERS = {
    "api/server/protocol.py on_chunk_header": "httptools calls it for each chunk of a body",
    "client/langchain.py IxLoader": "a loader for programs of others",
    "database/channels.py LOCK_SPACE": "statements write the number out; this is where it is explained",
    "database/jobs/claim.py claim_next_pending": "claims one job, for who works through jobs without an engine",
    "database/jobs/finish.py mark_error": "ends a job in error, for the same callers",
    "database/jobs/sweep.py sweep_orphans": "rescues the jobs of dead engines, for the same callers",
    "database/jobs/sweep.py update_callback_status": "writes down what came of a callback, for the same callers",
}


@cache
def used() -> frozenset[str]:
    """Every name that something in the package mentions, in strings that are not documentation too."""
    return frozenset(name for module in modules() for node in module.nodes for name in _mentioned(module, node))


def _mentioned(module: Module, node: ast.AST) -> list[str]:
    if isinstance(node, ast.Name):
        return [node.id] if isinstance(node.ctx, ast.Load) else []
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose(module):
        return re.findall(r"\w+", node.value)
    return []


def defined(module: Module) -> Iterator[tuple[str, str, int]]:
    """What a module defines: owner (a class, or empty), name, line. Python's own names and decorated methods, which
    whoever decorates them calls, are left out."""
    for node in module.tree.body:
        yield from _names(node)
        if isinstance(node, ast.ClassDef):
            for one in node.body:
                if isinstance(one, FUNCTIONS) and not one.name.startswith("__") and not one.decorator_list:
                    yield node.name, one.name, one.lineno


def _names(node: ast.stmt) -> Iterator[tuple[str, str, int]]:
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        yield "", node.name, node.lineno
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for one in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(one, ast.Name) and not one.id.startswith("__"):
                yield "", one.id, node.lineno


def test_everything_is_used() -> None:
    """Every function, class, method and constant is used in the package, or stands in a list of what callers use."""
    hold(
        (
            Finding(f"{module.file} {name}", line, "is used by nothing")
            for module in modules()
            for owner, name, line in defined(module)
            if name not in used() and not (owner and _is_inherited(module, owner, name))
        ),
        FOR_CALLERS,
    )


def _is_inherited(module: Module, owner: str, method: str) -> bool:
    """Whether a base calls it."""
    kind = getattr(importlib.import_module(module.name), owner)
    return any(method in vars(base) for base in kind.__mro__[1:])
