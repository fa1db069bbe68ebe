"""The files of `static/`, and what browsers load of them: packed, lean and compressed, each when it is first asked for.
All are served under one hash of everything, so that a browser may keep them for good and never mixes those of two
versions."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ix.console import lean, packs

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""What is served beside the shells, by the end of its name."""
_ENTRY = re.compile(r'<script type="module" src="\{assets\}/([^"]+)">')
_STYLE = re.compile(r'<link rel="stylesheet" href="\{assets\}/([^"]+)">\n')
_MODULES = "{modules}\n"
_PRELOADED = '<link rel="modulepreload" href="{{assets}}/{}">\n'
_SHARED = {"common": "js/shell.js", "viewer": "js/viewer/viewer.js"}
"""Scripts that views share: those that import a module."""
_CODE = [Path(each) for each in (__file__, lean.__file__, packs.__file__)]
"""What makes other bytes of the same files when it is changed."""


class Asset(NamedTuple):
    """A file as it is sent: its bytes, plain and by gzip, and their media type."""

    content: bytes
    gzipped: bytes
    media_type: str


class Console:
    """What browsers load, by path: `css/base.css`, `i18n/de.json`, and of each view `packs/jobs.js` and
    `packs/jobs.css`; and the shells of the views, by name: `jobs`. Raises `ValueError` where two catalogues of a
    language have a message in common, and for modules that cannot be packed."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = dict(_files(folder))
        whole = [*(name.encode() + content for name, content in self._files.items()), *map(Path.read_bytes, _CODE)]
        self.hash = hashlib.sha256(b"".join(whole)).hexdigest()[:16]
        self._sources = {name: content.decode() for name, content in self._files.items() if name.endswith(".js")}
        entries = {view: _ENTRY.search(self._files[f"{view}.html"].decode()) for view in self.views}
        self._packs = packs.Packs({view: at[1] for view, at in entries.items() if at}, _SHARED, self._sources)
        self._made: dict[str, Asset] = {}

    @property
    def views(self) -> frozenset[str]:
        """The names of the shells."""
        return frozenset(name.removesuffix(".html") for name in self._files if name.endswith(".html"))

    def asset(self, path: str) -> Asset | None:
        """The file of this path; None for a path that there is not. Takes a tenth of a second where it packs."""
        if path not in self._made and (content := self._content(path)) is not None:
            self._made[path] = _asset(path, content)
        return self._made.get(path)

    def shell(self, view: str, root: str = "", packed: bool = True) -> bytes:
        """The page of a view; `root` is the path under which a proxy serves ix. Its files `packed`, or as they are
        written, with a link for each module, so that they are loaded side by side. Raises `KeyError` for no view."""
        shell = self._files[f"{view}.html"].decode()
        shell = _packed(view, self._packs.before(view), shell) if packed else self._preloading(shell)
        at = html.escape(root)
        return shell.replace("{assets}", f"{at}/console/assets/{self.hash}").replace("{root}", at).encode()

    def _preloading(self, shell: str) -> str:
        entry = _ENTRY.search(shell)
        modules = sorted({*packs.graph(entry[1], self._sources)} - {entry[1]}) if entry else ()
        return shell.replace(_MODULES, "".join(map(_PRELOADED.format, modules)))

    def _content(self, path: str) -> bytes | None:
        folder, _, name = path.partition("/")
        if folder == "packs":
            packed = self._pack(name)
            return packed if packed is None else packed.encode()
        return self._files.get(path) if Path(path).suffix in MEDIA_TYPES else None

    def _pack(self, name: str) -> str | None:
        """`NAME.js` of a view or of what some share, `VIEW.css`, or `NAME/MODULE` for what is imported later."""
        first, is_later, module = name.partition("/")
        if is_later:
            script = self._packs.later(first, module)
        else:
            stem, _, kind = name.rpartition(".")
            if kind == "css":
                shell = self._files.get(f"{stem}.html", b"").decode()
                return "".join(lean.style(self._files[each].decode()) for each in _STYLE.findall(shell)) or None
            script = self._packs.script(stem) if kind == "js" else None
        return script and lean.script(script)


@cache
def load() -> Console:
    """The console of the package, made when it is first asked for."""
    return Console()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file by its path, in order; of a language's catalogues one that holds them all."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".html", *MEDIA_TYPES) and not name.startswith("i18n/"):
            yield name, path.read_bytes()
    for language in sorted((folder / "i18n").iterdir()):
        yield f"i18n/{language.name}.json", json.dumps(_catalogue(language), ensure_ascii=False).encode()


def _packed(view: str, shared: Sequence[str], shell: str) -> str:
    """The shell with one script beside the shared ones and, where its first style sheet stood, one style sheet."""
    pack = "{assets}/packs/" + view
    preloaded = "".join(_PRELOADED.format(f"packs/{each}.js") for each in shared)
    styles = iter([f'<link rel="stylesheet" href="{pack}.css">\n'])
    shell = _STYLE.sub(lambda _: next(styles, ""), shell).replace(_MODULES, preloaded)
    return _ENTRY.sub(lambda _: f'<script type="module" src="{pack}.js">', shell)


def _catalogue(language: Path) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for path in sorted(language.glob("*.json")):
        messages = json.loads(path.read_text(encoding="utf-8"))
        if twice := merged.keys() & messages.keys():
            raise ValueError(f"{path}: {', '.join(sorted(twice))} stands in another catalogue, too")
        merged |= messages
    return merged


def _asset(name: str, content: bytes) -> Asset:
    # without the time of day, so that the same file is the same bytes in every process
    return Asset(content, gzip.compress(content, 9, mtime=0), MEDIA_TYPES[Path(name).suffix])
