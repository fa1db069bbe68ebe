"""What is said in docstrings, names and comments."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from ix.config import Settings, variable
from tests.architecture.tree import (
    DOCUMENTED,
    FUNCTIONS,
    PACKAGE,
    ROOT,
    Finding,
    Module,
    called,
    docstring,
    hold,
    modules,
    parts_of,
    prose,
)

LEAST_WORDS = 5


def is_public(name: str) -> bool:
    """Whether others may use it."""
    return not name.startswith("_")


def public(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """What others may use of a module by its dotted name: itself if it holds anything, classes, functions, methods."""
    if not all(map(is_public, module.name.split("."))):
        return
    if module.tree.body:
        yield "", module.tree
    for one in module.tree.body:
        if isinstance(one, (*FUNCTIONS, ast.ClassDef)) and is_public(one.name):
            yield one.name, one
            yield from _methods(one)


def _methods(owner: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(owner, ast.ClassDef):
        for one in owner.body:
            if isinstance(one, FUNCTIONS) and is_public(one.name) and not _is_repetition(one):
                yield f"{owner.name}.{one.name}", one


def _is_repetition(function: ast.AST) -> bool:
    """Whether it is one of several signatures, or sets what a property of that name documents."""
    marks = {ast.unparse(one).rpartition(".")[2] for one in getattr(function, "decorator_list", ())}
    return bool(marks & {"overload", "setter", "deleter"})


@cache
def _protocols() -> frozenset[str]:
    """The names of methods that a protocol of ix documents: whoever implements it need not say it again."""
    declared = (one for module in modules() for one in module.all(ast.ClassDef) if "Protocol" in map(called, one.bases))
    methods = chain.from_iterable(one.body for one in declared)
    return frozenset(one.name for one in methods if isinstance(one, FUNCTIONS) and docstring(one))


def _is_documented_above(module: Module, name: str) -> bool:
    """Whether a base or a protocol says what a method does, or `ix.cli.COMMANDS` what a function does that declares a
    command."""
    owner, _, method = name.rpartition(".")
    if not owner:
        return module.package == "ix.cli" and method.startswith("declare")
    found = getattr(getattr(importlib.import_module(module.name), owner), method)
    return method in _protocols() or inspect.getdoc(found) is not None


AWAITED = (
    {
        f"client/shells.py AsyncClient.{name}": "`Client` has a method of that name, which it is, awaited"
        for name in (
            "submit",
            "submit_many",
            "get",
            "find",
            "wait",
            "jobs",
            "cancel",
            "retry",
            "erase",
            "use_cases",
            "events",
            "watch",
        )
    }
    | {
        f"client/downloads.py AsyncDownloads.{name}": "`Downloads` has a method of that name, which it is, awaited"
        for name in ("export", "take")
    }
    | {
        f"client/many.py AsyncManyJobs.{name}": "`ManyJobs` has a method of that name, which it is, awaited"
        for name in (
            *("act", "action", "pause", "resume"),
            *("declare_batch", "batch", "close_batch", "cancel_batch"),
        )
    }
    | {
        f"client/configurations.py AsyncConfigurations.{name}": "`Configurations` has a method of that name, awaited"
        for name in ("configurations", "configuration", "save_configuration", "delete_configuration")
    }
)


def test_docstrings_of_what_is_public() -> None:
    """Every public module, class and function has a docstring, unless its base, protocol or registry has it."""
    hold(
        (
            Finding(f"{module.file} {name}".strip(), getattr(node, "lineno", 1), "has no docstring")
            for module in modules()
            for name, node in public(module)
            if not docstring(node) and not _is_documented_above(module, name)
        ),
        AWAITED,
    )


def test_docstrings_say_something() -> None:
    """A docstring has at least five words."""
    hold(
        Finding(module.file, getattr(node, "lineno", 1), f"{getattr(node, 'name', '')}: {text}")
        for module in modules()
        for node in module.all(*DOCUMENTED)
        if (text := docstring(node)) and len(text.split()) < LEAST_WORDS
    )


def test_docstrings_can_be_read_alone() -> None:
    """No docstring begins with "The same": it is read in a hover box, without what stands above it."""
    hold(
        Finding(module.file, node.lineno, str(node.value)[:60])
        for module in modules()
        for node in prose(module)
        if re.match(r"the same\b", str(node.value).strip(), re.IGNORECASE)
    )


FORBIDDEN = {
    "lane", "lanes", "seam", "seams", "hub", "hubs", "hearer", "hearers", "gatekeeper", "solo",
    "fleet", "fleets", "foil", "foils", "rooms",
}  # fmt: skip
"""Words of our own for what the field has a name for. A mailbox is one: IMAP calls it so (RFC 9051)."""
PLACES = re.compile(
    r"\b(?:this|that|which|whose|each|every|one|another|api's|engine's) (?:room|house|floor)s?\b"
    r"|\bthe houses?\b|\bthe floors\b",
    re.IGNORECASE,
)
"""A package or a layer, told as if the code were a building. There may be room in a queue, and a house has a number."""
ADDRESS_WORDS = {
    "languages/en.py: lane": "streets are called so",
}


def test_words() -> None:
    """Code and its documentation use the field's words: queue, package, repository, broadcast, quarantined, engines."""
    texts = {module.file: module.text for module in modules()}
    more = [ROOT / "CONTRIBUTING.md", *PACKAGE.rglob("*.css"), *(ROOT / "db" / "migrations").glob("*.sql")]
    texts |= {path.relative_to(ROOT).as_posix(): path.read_text() for path in more}
    hold(chain.from_iterable(_forbidden(file, text) for file, text in texts.items()), ADDRESS_WORDS)


def _forbidden(file: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        for word in sorted(chain.from_iterable(FORBIDDEN & parts_of(name) for name in re.findall(r"\w+", line))):
            yield Finding(f"{file}: {word}", number, line.strip()[:80])
        for match in PLACES.finditer(line):
            yield Finding(f"{file}: {match[0]}", number, line.strip()[:80])


UNITS = {"Seconds": "seconds", "_bytes": "bytes", "_days": "days", "_dpi": "dots per inch", "_pixels": "pixels"}
"""Ends of a setting's name or type, and what its description names then."""


def test_settings_are_documented() -> None:
    """Every setting says what it is in at least three words, with its unit where it is seconds, bytes, days or dots."""
    # those of the classes that it is made of too
    annotations = {name: kind for part in Settings.__mro__ for name, kind in inspect.get_annotations(part).items()}
    hold(
        Finding(variable(name), 0, text or "has no description")
        for name, text in ((name, field.description or "") for name, field in Settings.model_fields.items())
        if len(text.split()) < 3 or any(unit not in text for unit in _units(name, annotations[name]))
    )


def _units(name: str, annotation: str) -> Iterator[str]:
    kind = annotation.removeprefix("Annotated[")
    return (unit for mark, unit in UNITS.items() if name.endswith(mark) or kind.startswith(mark))
