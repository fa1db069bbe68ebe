"""What the rules look at: the package's files and their syntax trees, each read once."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeAlias, TypeVar

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "ix"
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DOCUMENTED = (*FUNCTIONS, ast.ClassDef, ast.Module)
Node = TypeVar("Node", bound=ast.AST)


class Module(NamedTuple):
    """A file of the package. `file` is its path in `ix/`, `name` what an import says."""

    file: str
    name: str
    text: str
    tree: ast.Module
    nodes: tuple[ast.AST, ...]
    """Every node of the tree."""

    def all(self, *kinds: type[Node]) -> Iterator[Node]:
        """The nodes of some kinds."""
        return (node for node in self.nodes if isinstance(node, kinds))

    def functions(self) -> Iterator[Function]:
        """Functions and methods, inner ones too."""
        return (node for node in self.nodes if isinstance(node, FUNCTIONS))

    @property
    def package(self) -> str:
        """The package that it stands in."""
        return self.name if self.file.endswith("__init__.py") else self.name.rpartition(".")[0]


@cache
def modules() -> tuple[Module, ...]:
    """Every file of the package, in the order of their paths."""
    return tuple(_module(path) for path in sorted(PACKAGE.rglob("*.py")))


def _module(path: Path) -> Module:
    text = path.read_text()
    tree = ast.parse(text)
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    return Module(path.relative_to(PACKAGE).as_posix(), name, text, tree, tuple(ast.walk(tree)))


class Import(NamedTuple):
    """`module` imports `name` from the module `source`; of a whole module `name` is None."""

    module: Module
    line: int
    source: str
    name: str | None


@cache
def imports() -> tuple[Import, ...]:
    """Every import in the package."""
    return tuple(found for module in modules() for node in module.nodes for found in _imports(module, node))


def _imports(module: Module, node: ast.AST) -> Iterator[Import]:
    if isinstance(node, ast.Import):
        yield from (Import(module, node.lineno, one.name, None) for one in node.names)
    elif isinstance(node, ast.ImportFrom):
        for one in node.names:
            whole = f"{node.module}.{one.name}"
            source, name = (whole, None) if whole in _names() else (node.module or "", one.name)
            yield Import(module, node.lineno, source, name)


@cache
def _names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


def called(node: ast.AST) -> str:
    """What a call calls, as it is written: `asyncpg.connect`. Of what is not a name only the last part."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


@cache
def prose(module: Module) -> frozenset[ast.Constant]:
    """The strings of a module that are documentation: docstrings, and those that stand below an assignment."""
    bodies = [getattr(node, "body", ()) for node in module.all(*DOCUMENTED)]
    return frozenset(
        one.value
        for body in bodies
        for one in body
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)
    )


@cache
def parents(module: Module) -> dict[ast.AST, ast.AST]:
    """The node that each node stands in."""
    return {child: node for node in module.nodes for child in ast.iter_child_nodes(node)}


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control; the test is skipped where there is none."""
    listed = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z"], capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a checkout: nobody knows which files belong to the project")
    return tuple(path for name in listed.stdout.decode().split("\0") if (path := ROOT / name).is_file())


class Finding(NamedTuple):
    """Something that a rule does not allow. `name` is what an exception would name."""

    name: str
    line: int
    what: str = ""


def hold(found: Iterable[Finding], excepted: Mapping[str, str] | None = None) -> None:
    """Fails for what is found and not excepted, and for an exception that nothing needs."""
    excepted, found = excepted or {}, list(found)
    broken = [f"{one.name}:{one.line} {one.what}".strip() for one in found if one.name not in excepted]
    idle = [f"{name} needs no exception any more" for name in excepted if name not in {one.name for one in found}]
    if broken or idle:
        pytest.fail("\n".join([*broken, *idle]), pytrace=False)


def docstring(node: ast.AST) -> str:
    """The docstring of a function, class or module; empty if it has none."""
    return (ast.get_docstring(node) or "") if isinstance(node, DOCUMENTED) else ""


def parts_of(name: str) -> set[str]:
    """The words that a name is made of, in small letters."""
    return {word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}
