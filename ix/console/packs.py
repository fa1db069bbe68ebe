"""A few scripts for each view, put together from the files that it names: what is compressed together is smaller, and
a browser asks three times instead of sixty. What many views need is a script that they share, which a browser has
already when another of them is opened.

Each module becomes a function that gives its exports, called once, those that it imports before it. What is imported
later (`await import`) stays a file of its own, which is handed the modules that the view has already. This knows no
more of ECMAScript than the modules of `static/` need, and refuses what it does not know."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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


class Packs:
    """The scripts of all views. `entries` are the views and the module that each begins with; `shared` names scripts of
    their own, for what all views need that import a module: the widest first. Raises `ValueError` for modules that it
    cannot put together."""

    def __init__(self, entries: Mapping[str, str], shared: Mapping[str, str], sources: Mapping[str, str]) -> None:
        self._shared, self._sources = shared, sources
        self._names = {module: f"$m{number}" for number, module in enumerate(sorted(sources))}
        views = {view: graph(entry, sources) for view, entry in entries.items()}
        self._before: dict[str, list[str]] = {name: [] for name in (*shared, *views)}
        """The shared scripts that each one imports from."""
        self._modules: dict[str, list[str]] = {}
        for name, marker in shared.items():
            users = [view for view in views if marker in views[view]]
            # of one view alone it would be all, with what it begins with
            if len(users) < 2:
                raise ValueError(f"{name}: fewer than two views import {marker}")
            common = [each for each in views[users[0]] if all(each in views[view] for view in users)]
            self._modules[name] = [each for each in common if each not in self._loaded(name)]
            narrower = [*shared][[*shared].index(name) + 1 :]
            for each in (*users, *(one for one in narrower if any(shared[one] in views[view] for view in users))):
                self._before[each].append(name)
        for view, modules in views.items():
            self._modules[view] = [each for each in modules if each not in self._loaded(view)]

    def before(self, view: str) -> list[str]:
        """The shared scripts of a view, in their order."""
        return self._before[view]

    def script(self, name: str) -> str | None:
        """A view's own modules, or those of a shared script, as one module; None for no such script."""
        if name not in self._modules:
            return None
        own = self._modules[name]
        imported = [
            f'import {self._braces(self._needed(own, each))} from "./{each}.js";\n' for each in self._before[name]
        ]
        exported = [f"export {self._braces(own)};\n"] if any(name in names for names in self._before.values()) else []
        return "".join((*imported, *(self._function(each, name) for each in own), *exported))

    def later(self, name: str, module: str) -> str | None:
        """A module that one of a script's imports later, with what it needs beside what is loaded by then, as one whose
        default export is called with these; None where nothing there imports such a module later."""
        own = self._modules.get(name, [])
        if module not in {_joined(each, at[1]) for each in own for at in _LATER.finditer(self._sources[each])}:
            return None
        further = self._further(name, module)
        if deeper := [each for each in further if _LATER.search(self._sources[each])]:
            raise ValueError(f"{', '.join(deeper)}: what is imported later imports nothing later")
        # else there would be two of it, each with a state of its own
        for view in (each for each, names in self._before.items() if name in names):
            if twice := {*further} & {*self._modules[view]}:
                raise ValueError(f"{', '.join(twice)}: {view} has what {name} imports later")
        functions = "".join(self._function(each, name) for each in further)
        up = "../" * (module.count("/") + 1)
        imported = [
            f'import {self._braces(found)} from "{up}{each}.js";\n'
            for each in self._beside(name, module)
            if (found := self._needed(further, each))
        ]
        # a module is run once, however often it is imported
        made = f"made ??= (async () => {{\n{functions}return {self._names[module]};\n}})()"
        return f"{''.join(imported)}let made;\nexport default ({self._handed(name, module)}) => {made};\n"

    def _beside(self, name: str, module: str) -> list[str]:
        """Shared scripts that a module brings which is imported later."""
        needed = graph(module, self._sources)
        return [each for each, marker in self._shared.items() if marker in needed and each not in self._before[name]]

    def _loaded(self, name: str) -> list[str]:
        """What a script finds there, beside its own modules."""
        return [module for each in self._before[name] for module in self._modules[each]]

    def _needed(self, modules: Sequence[str], pack: str) -> list[str]:
        """Those of a shared script's modules that some modules import, at once or later."""
        later = [_joined(one, at[1]) for one in modules for at in _LATER.finditer(self._sources[one])]
        further = [each for one in later for each in graph(one, self._sources) if one in self._sources]
        needed = {each for one in (*modules, *further) for each in imports(one, self._sources[one])} | {*later}
        return [each for each in self._modules[pack] if each in needed]

    def _further(self, name: str, module: str) -> list[str]:
        beside = [each for pack in self._beside(name, module) for each in self._modules[pack]]
        there = {*self._loaded(name), *self._modules[name], *beside}
        return [each for each in graph(module, self._sources) if each not in there]

    def _handed(self, name: str, module: str) -> str:
        """Those of the modules that are loaded which one that is imported later needs, in braces."""
        needed = {each for one in self._further(name, module) for each in imports(one, self._sources[one])}
        return self._braces([each for each in (*self._loaded(name), *self._modules[name]) if each in needed])

    def _braces(self, modules: Sequence[str]) -> str:
        return f"{{{','.join(self._names[each] for each in modules)}}}"

    def _function(self, module: str, pack: str) -> str:
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
            # what has been brought already is not fetched again
            if target in self._modules[pack] or target in self._loaded(pack):
                return f"await {names[target]}"
            return f'await import("./{pack}/{target}").then(it => it.default({self._handed(pack, target)}))'

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
