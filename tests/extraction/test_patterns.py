"""Regular expressions of the rules and values, found in their modules: none takes long over the longest line there is,
whatever stands in it."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

from ix.extraction.models.rules.vocabulary import names
from ix.extraction.values import amounts, dates
from ix.extraction.words import MAX_LINE

PACKAGES = ("ix.extraction.models.rules", "ix.extraction.values", "ix.extraction.evidence", "ix.languages", "ix.fields")
METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")
# words are one space apart, and none holds one
UNITS = (
    *"a1A.,-_([/:#€$'+*|ä",
    *("1.", "1,", "1 ", "a ", "A.", "a,", "1-", "A1 ", "()", "a: ", "1.1.", "1 may ", "gmbh ", "no. ", "DE12", "123 "),
    *("ab, AB ", "AB-", "19% ", "· ", "a" * 20 + " ", "2 x ", "rue ", "(a", "12:30 ", "2019-", "1234 "),
)
HEADS, TAILS = ("", "12345 "), ("!",)
SHORTER = {
    amounts._WHOLE.pattern: amounts._LONGEST,
    dates._TIME.pattern: dates._LONGEST,
    names._REGISTRATION.pattern: names._TAIL,
}
"""Patterns that are asked only of texts up to a length, and that length."""
MOST = 0.05
"""Processor seconds of one pattern over one line."""
Use = tuple[str, int, str]
"""A pattern, its flags, and the method that it is used with."""


def modules() -> Iterator[ModuleType]:
    for name in PACKAGES:
        package = importlib.import_module(name)
        yield package
        for found in pkgutil.walk_packages(getattr(package, "__path__", ()), f"{name}."):
            yield importlib.import_module(found.name)


def uses(module: ModuleType) -> Iterator[Use]:
    """The compiled patterns of a module with the methods that it calls, and the calls of `re` with a literal."""
    source = Path(str(module.__file__)).read_text()
    for name, value in vars(module).items():
        for pattern in value if isinstance(value, tuple) else (value,):
            if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
                called = set(re.findall(rf"\b{name}\.({'|'.join(METHODS)})\(", source)) or {"finditer"}
                yield from ((pattern.pattern, pattern.flags, method) for method in called)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=method), args=[ast.Constant(value=str(text)), *_]
            ) if method in METHODS:
                yield text, re.UNICODE, method


def slowest(use: Use) -> tuple[float, str]:
    """Processor seconds over the worst line, and how that begins."""
    text, flags, method = use
    call: Callable[[str], object] = getattr(re.compile(text, flags), method)
    length, worst = SHORTER.get(text, MAX_LINE), (0.0, "")
    for unit in UNITS:
        for head in HEADS:
            for tail in TAILS:
                line = (head + unit * length)[: length - len(tail)] + tail
                worst = max(worst, (_seconds(call, method, line), head + unit))
                if worst[0] > MOST:
                    return worst
    return worst


def _seconds(call: Callable[[str], object], method: str, line: str) -> float:
    """The least of three where the first was too long: a machine that does much else takes longer for the same work."""
    first = _once(call, method, line)
    return first if first <= MOST else min(_once(call, method, line) for _ in range(2))


def _once(call: Callable[[str], object], method: str, line: str) -> float:
    began = time.process_time()
    if method == "sub":
        call("", line)  # type: ignore[call-arg]
    else:
        found = call(line)
        list(found) if method == "finditer" else None  # type: ignore[call-overload]
    return time.process_time() - began


def test_no_pattern_takes_long_over_any_line() -> None:
    found = {use for module in modules() for use in uses(module)}
    assert len(found) > 80
    slow = {use[0][:60]: worst for use in sorted(found) if (worst := slowest(use))[0] > MOST}
    assert slow == {}


def test_a_pattern_that_goes_back_over_its_text_is_seen() -> None:
    seconds, _ = slowest((r"\w*\w*!!", 0, "search"))
    assert seconds > MOST
