"""Which part may know which."""

from __future__ import annotations

import tomllib

from tests.architecture.tree import PACKAGE, ROOT, Finding, Import, hold, imports

CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
LAYERS = [[child.strip() for child in layer.split("|")] for layer in CONTRACT["layers"]]
HEIGHT = {child: -number for number, layer in enumerate(LAYERS) for child in layer}
EXCEPTED = dict.fromkeys(CONTRACT.get("ignore_imports", ()), "named in the contract, where the reason stands")

MOST_LAYERS = 12
MOST_CHILDREN = 20
MOST_PAIRS = 70


def child(module: str) -> str:
    """The direct child of `ix` that a module is, or stands in."""
    return module.split(".")[1] if module.startswith("ix.") else ""


def arrows() -> list[Import]:
    """Imports from one child of `ix` to another."""
    inside = (one for one in imports() if one.source.startswith("ix."))
    return [one for one in inside if child(one.module.name) not in ("", child(one.source))]


def test_layers() -> None:
    """There are at most twelve layers; a part imports only what stands below it, so that no circle can be."""
    assert len(LAYERS) <= MOST_LAYERS
    assert HEIGHT.keys() == children(), "every direct child of ix/ stands in one layer"
    upward = (one for one in arrows() if HEIGHT[child(one.module.name)] <= HEIGHT[child(one.source)])
    hold((Finding(f"{one.module.name} -> {one.source}", one.line, one.module.file) for one in upward), EXCEPTED)


def children() -> set[str]:
    """The modules and packages that stand directly in `ix/`."""
    packages = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    return packages | {path.stem for path in PACKAGE.glob("*.py")} - {"__init__"}


def test_few_parts() -> None:
    """`ix/` has at most 20 direct children, and at most 70 pairs of them in which one imports the other."""
    pairs = {(child(one.module.name), child(one.source)) for one in arrows()}
    assert len(children()) <= MOST_CHILDREN, sorted(children())
    assert len(pairs) <= MOST_PAIRS, sorted(pairs)


def test_private_names() -> None:
    """A private name is imported by nobody, and a private module only from the package that it stands in."""
    hold(
        Finding(one.module.file, one.line, f"imports {one.source}{f' {one.name}' if one.name else ''}")
        for one in imports()
        if one.source.startswith("ix") and ((one.name or "").startswith("_") or _is_private(one))
    )


def _is_private(one: Import) -> bool:
    owner, _, last = one.source.rpartition(".")
    return last.startswith("_") and not one.module.package.startswith(owner)
