"""The files of `static/`, read, hashed and compressed once. All are served under one hash of everything, so that a
browser may keep them for good and never mixes those of two versions."""

from __future__ import annotations

import gzip
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

STATIC = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}
"""What is served beside the shells, by the end of its name."""
_IMPORT = re.compile(r'(?:\bfrom|^import) "(\.{1,2}/[^"]+)"', re.MULTILINE)
_COMMENTS = re.compile(rb"^[ \t]*(?://[^\n]*|/\*(?:[^*]|\*(?!/))*\*/[ \t]*)\n", re.MULTILINE)
_INDENTS = re.compile(rb"^[ \t]+", re.MULTILINE)
_ENTRY = re.compile(r'<script type="module" src="\{assets\}/([^"]+)">')


class Asset(NamedTuple):
    """A file as it is sent: its bytes, plain and by gzip, and their media type."""

    content: bytes
    gzipped: bytes
    media_type: str


class Console:
    """What browsers load, by path: `css/base.css`, `i18n/de.json`; and the shells of the views, by name: `jobs`. Raises
    `ValueError` where two catalogues of a language have a message in common."""

    def __init__(self, folder: Path = STATIC) -> None:
        files = dict(_files(folder))
        self.hash = hashlib.sha256(b"".join(name.encode() + content for name, content in files.items())).hexdigest()[
            :16
        ]
        self._assets = {name: _asset(name, content) for name, content in files.items() if not name.endswith(".html")}
        self._shells = {
            name.removesuffix(".html"): _preloading(content.decode(), files)
            for name, content in files.items()
            if name.endswith(".html")
        }

    @property
    def views(self) -> frozenset[str]:
        """The names of the shells."""
        return frozenset(self._shells)

    def asset(self, path: str) -> Asset | None:
        """The file of this path; None for a path that there is not."""
        return self._assets.get(path)

    def shell(self, view: str, root: str = "") -> bytes:
        """The page of a view; `root` is the path under which a proxy serves ix. Raises `KeyError` for no view."""
        at = html.escape(root)
        shell = self._shells[view].replace("{assets}", f"{at}/console/assets/{self.hash}")
        return shell.replace("{root}", at).encode()


@cache
def load() -> Console:
    """The console of the package, made when it is first asked for."""
    return Console()


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file by its path, in order; of a language's catalogues one that holds them all."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.suffix in (".html", *MEDIA_TYPES) and not name.startswith("i18n/"):
            yield name, _lean(path.read_bytes()) if path.suffix in (".css", ".js") else path.read_bytes()
    for language in sorted((folder / "i18n").iterdir()):
        yield f"i18n/{language.name}.json", json.dumps(_catalogue(language), ensure_ascii=False).encode()


def _lean(content: bytes) -> bytes:
    """A script or a style without the comments that have lines of their own, and without indentation: about a third
    less to load, gzip considered. Whoever writes such lines into a string would lose them."""
    return _INDENTS.sub(b"", _COMMENTS.sub(b"", content))


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


def _preloading(shell: str, files: Mapping[str, bytes]) -> str:
    """The shell with a link for each module that its entry imports, so that they are loaded side by side and not one
    after the other."""
    entry = _ENTRY.search(shell)
    modules = _modules(entry[1], files) - {entry[1]} if entry else ()
    links = "".join(f'<link rel="modulepreload" href="{{assets}}/{name}">\n' for name in sorted(modules))
    return shell.replace("{modules}\n", links)


def _modules(entry: str, files: Mapping[str, bytes]) -> set[str]:
    """The module, and those that it imports, directly or not."""
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found or name not in files:
            continue
        found.add(name)
        waiting += (_joined(name, target) for target in _IMPORT.findall(files[name].decode()))
    return found


def _joined(name: str, target: str) -> str:
    """The path of what a module imports."""
    parts = name.split("/")[:-1]
    for step in target.split("/"):
        if step == "..":
            parts.pop()
        elif step != ".":
            parts.append(step)
    return "/".join(parts)
