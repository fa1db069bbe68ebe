"""One script and one style sheet for each view, put together from the files that it names: what has much in common is
compressed together, and a browser asks twice instead of sixty times.

Each module becomes a function that gives its exports, called once, those that it imports before it. What is imported
later (`await import`) stays a file of its own, which is handed the modules that the view has already. This knows no
more of ECMAScript than the modules of `static/` need, and refuses what it does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping

_IMPORT = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_PASSED_ON = re.compile(r'^export \{([^}]*)\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_LISTED = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_DECLARED = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) ([\w$]+))", re.MULTILINE)
_LATER = re.compile(r'\bawait import\("(\.{1,2}/[^"]+)"\)')
_UNKNOWN = re.compile(r"^(?:import|export)\b.*|\bimport\.meta\b", re.MULTILINE)


def imports(module: str, source: str) -> list[str]:
    """The paths of the modules that one imports, in order, those whose exports it passes on among them."""
    found = sorted((at.start(), at[2]) for form in (_IMPORT, _PASSED_ON) for at in form.finditer(source))
    return [_joined(module, target) for _, target in found]


def graph(entry: str, sources: Mapping[str, str]) -> list[str]:
    """The modules that a view needs, each behind those that it imports; the entry is the last one. Raises `ValueError`
    where modules import each other."""
    order: list[str] = []
    under_way: list[str] = []

    def visit(module: str) -> None:
        if module in order:
            return
        # of modules that import each other none could be called first
        if module in under_way:
            raise ValueError(f"modules import each other: {', '.join((*under_way, module))}")
        under_way.append(module)
        for each in imports(module, sources[module]):
            visit(each)
        order.append(under_way.pop())

    visit(entry)
    return order


def script(view: str, entry: str, sources: Mapping[str, str]) -> str:
    """The entry and all that it imports as one module. Raises `ValueError` for what it cannot put together."""
    return _Pack(view, entry, sources).script()


def later(view: str, entry: str, module: str, sources: Mapping[str, str]) -> str | None:
    """A module that the view imports later, with what it needs beside the view's own modules, as one whose default
    export is called with these; None where the view imports no such module later."""
    return _Pack(view, entry, sources).later(module)


class _Pack:
    """The modules of a view, and the names that they have in its script."""

    def __init__(self, view: str, entry: str, sources: Mapping[str, str]) -> None:
        self._view, self._sources = view, sources
        self._own = graph(entry, sources)
        self._names = {module: f"$m{number}" for number, module in enumerate(self._own)}

    def script(self) -> str:
        return "".join(map(self._function, self._own))

    def later(self, module: str) -> str | None:
        found = {_joined(each, at[1]) for each in self._own for at in _LATER.finditer(self._sources[each])}
        if module not in found:
            return None
        further = self._further(module)
        if deeper := [each for each in further if _LATER.search(self._sources[each])]:
            raise ValueError(f"{', '.join(deeper)}: what is imported later imports nothing later")
        self._names |= {each: f"$l{number}" for number, each in enumerate(further)}
        functions = "".join(map(self._function, further))
        # a module is run once, however often it is imported
        made = f"made ??= (async () => {{\n{functions}return {self._names[module]};\n}})()"
        return f"let made;\nexport default ({self._shared(module)}) => {made};\n"

    def _further(self, module: str) -> list[str]:
        return [each for each in graph(module, self._sources) if each not in self._own]

    def _shared(self, module: str) -> str:
        """Those of the view's modules that what is imported later needs, in braces."""
        needed = {each for one in self._further(module) for each in imports(one, self._sources[one])}
        return f"{{{','.join(self._names[each] for each in self._own if each in needed)}}}"

    def _function(self, module: str) -> str:
        """The module as a constant: what its function gives."""
        names, given = self._names, list[str]()

        def imported(found: re.Match[str]) -> str:
            # one that is imported for what it does has been called
            taken = ",".join(":".join(both) for both in _renamed(found[1] or ""))
            return f"const {{{taken}}} = {names[_joined(module, found[2])]};\n" if taken else ""

        def passed_on(found: re.Match[str]) -> str:
            other = names[_joined(module, found[2])]
            given.extend(f"{both[-1]}:{other}.{both[0]}" for both in _renamed(found[1]))
            return ""

        def listed(found: re.Match[str]) -> str:
            given.extend(":".join(reversed(both)) for both in _renamed(found[1]))
            return ""

        def declared(found: re.Match[str]) -> str:
            given.append(found[1])
            return ""

        def imported_later(found: re.Match[str]) -> str:
            target = _joined(module, found[1])
            # what the view has brought already is not fetched again
            if target in self._own:
                return f"await {names[target]}"
            return f'await import("./{self._view}/{target}").then(it => it.default({self._shared(target)}))'

        body = _LATER.sub(imported_later, _IMPORT.sub(imported, self._sources[module]))
        body = _PASSED_ON.sub(passed_on, body)
        body = _DECLARED.sub(declared, _LISTED.sub(listed, body))
        # whatever the forms above have left would first fail in a browser
        if unknown := _UNKNOWN.search(body):
            raise ValueError(f"{module}: {unknown[0]}: cannot be put together with other modules")
        # modules may wait (`await`) for what they load
        return f"const {names[module]} = await (async () => {{\n{body}return {{{','.join(given)}}};\n}})();\n"


def _renamed(listed: str) -> list[list[str]]:
    """The names in braces, each with the one that it gets, where it gets another."""
    return [re.split(r"\s+as\s+", each.strip()) for each in listed.split(",") if each.strip()]


def _joined(module: str, target: str) -> str:
    """The path of what a module imports."""
    parts = module.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
