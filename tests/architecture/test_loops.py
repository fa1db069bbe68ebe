"""What runs in the background."""

from __future__ import annotations

import ast

from tests.architecture.tree import FUNCTIONS, Finding, Module, called, hold, modules


def actors(module: Module) -> list[ast.ClassDef]:
    """The classes of a module that are actors."""
    return [one for one in module.all(ast.ClassDef) if one.name in _ACTORS]


def _closed(names: set[str]) -> set[str]:
    """`names`, and whatever is derived from them."""
    derived = {
        one.name
        for module in modules()
        for one in module.all(ast.ClassDef)
        if any(called(base).rpartition(".")[2] in names for base in one.bases)
    }
    return names if derived <= names else _closed(names | derived)


_ACTORS = _closed({"Actor"})


def test_one_loop_a_file() -> None:
    """A file in `ix/engine/maintenance` holds one loop: one class derived from `Actor`."""
    loops = ((module.file, actors(module)) for module in modules() if module.file.startswith("engine/maintenance/"))
    hold(
        Finding(file, 1, f"has {len(found)} actors: {', '.join(one.name for one in found) or 'none'}")
        for file, found in loops
        if len(found) != 1 and not file.endswith("__init__.py")
    )


def test_actors_start_and_stop_alike() -> None:
    """An actor starts and stops as `Actor` does: what it adds goes through `super()`, and it leaves the task alone."""
    own = ((module, one) for module in modules() if module.file != "background/actor.py" for one in actors(module))
    hold(Finding(module.file, one.lineno, f"{one.name}: {what}") for module, one in own for what in _breaches(one))


def _breaches(actor: ast.ClassDef) -> list[str]:
    said = {ast.unparse(one) for one in ast.walk(actor) if isinstance(one, ast.Attribute)}
    own = {one.name for one in actor.body if isinstance(one, FUNCTIONS)} & {"start", "stop"}
    missing = [f"defines {name}() and never calls super().{name}()" for name in own if f"super().{name}" not in said]
    return missing + (["touches _task"] if "self._task" in said else [])
