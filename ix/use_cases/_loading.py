"""Finds the use cases: in this package, in installed distributions, and in a folder."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import re
import sys
import traceback
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from ix import untrusted
from ix.config import variable
from ix.errors import ConfigError, InvalidInput
from ix.use_cases._contract import UseCase
from ix.use_cases._extraction import Extraction, described_by
from ix.use_cases._schema import check_schema

GROUP = "ix.use_cases"
"""The group of entry points through which installed distributions offer use cases."""
DRILL = "drill"
"""The use case that obeys its client, up to ending the engine: there only where the settings ask for it."""
# without ASCII, \w takes the letters of every alphabet
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,199}", re.ASCII)
"""Names that a submission (`ix.job.Key`), an address and `IX_LIMITS` can hold alike."""


_TOLD = ("instructions", "known_by")
"""What a use case in JSON says at its schema's root, beside the schema."""


class Found(NamedTuple):
    """What was found to be a use case, or claims to be one, and where it comes from in words for people."""

    source: str
    use_case: Any


def load(folder: str = "", drill: bool = False) -> dict[str, UseCase]:
    """Every use case by its name; `folder` is the setting `use_case_dir`, empty for none, and `drill` the setting that
    lets clients ask for drills. Raises `ConfigError` that names the source, and the place in it, of what cannot be
    used, and both sources of a name that is there twice."""
    found: dict[str, Found] = {}
    for one in _all(folder, drill):
        name = _checked(one).name
        if name in found:
            raise ConfigError(f"{one.source}: the name {name!r} is taken by {found[name].source}")
        found[name] = one
    return {name: one.use_case for name, one in found.items()}


def _all(folder: str, drill: bool) -> Iterator[Found]:
    yield from (one for one in _built_in() if drill or one.use_case.name != DRILL)
    for entry_point in entry_points(group=GROUP):
        yield _installed(entry_point)
    # last, so that a clash is put down to what an operator can change
    if folder:
        yield from _in_folder(Path(folder))


def _built_in() -> Iterator[Found]:
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__, f"{__package__}."):
        if not module.name.startswith(f"{__package__}._"):
            yield Found(module.name, importlib.import_module(module.name).USE_CASE)


def _installed(entry_point: EntryPoint) -> Found:
    owner = f"{entry_point.dist.name} {entry_point.dist.version}" if entry_point.dist else "nobody"
    source = f"{GROUP}: entry point {entry_point.name} of {owner}"
    try:
        return Found(source, entry_point.load())
    except Exception as error:
        raise ConfigError(f"{source}: {entry_point.value}: {type(error).__name__}: {error}") from error


def _in_folder(folder: Path) -> Iterator[Found]:
    setting = variable("use_case_dir")
    if not folder.is_dir():
        raise ConfigError(f"{setting}: {folder} is not a folder")
    # sorted: of two that give one name, the same one is refused on every machine
    for path in sorted(folder.iterdir()):
        read = _READERS.get(path.suffix)
        if read and not path.name.startswith(("_", ".")):
            yield read(path, f"{setting}: {path}")


def _read_python(path: Path, source: str) -> Found:
    # a name of its own, known to `sys.modules`: pydantic looks annotations up there
    name = f"ix_use_case_dir_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    sys.modules[name] = module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise ConfigError(f"{source}{_line(error, path)}: {type(error).__name__}: {error}") from error
    if not hasattr(module, "USE_CASE"):
        raise ConfigError(f"{source}: has no USE_CASE; a file that only helps others starts with an underscore")
    return Found(source, module.USE_CASE)


def _line(error: Exception, path: Path) -> str:
    """Where in the file the error arose; a syntax error says that itself."""
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _read_schema(path: Path, source: str) -> Found:
    try:
        schema, instructions, known_by = _split(untrusted.parse(path.read_bytes()))
        check_schema(schema)
    except (InvalidInput, ValueError, OSError) as error:
        raise ConfigError(f"{source}: {error}") from None
    description = schema.get("description") or schema.get("title") or f"Reads the fields of {path.name}"
    return Found(source, Extraction(path.stem, described_by(schema), description, instructions, known_by))


def _split(schema: Any) -> tuple[dict[str, Any], str, str]:
    """The schema without the instructions in it and what its documents are known by, and these two. Raises
    `ValueError`."""
    if not isinstance(schema, dict):
        raise ValueError("schema must be an object")
    extra = schema.get("x-ix", {})
    if not isinstance(extra, dict) or not set(_TOLD) & set(extra):
        return schema, "", ""
    # taken out: the check is that of clients' schemas, whose instructions come as an option
    others = {name: value for name, value in extra.items() if name not in _TOLD}
    instructions, known_by = (extra.get(name, "") for name in _TOLD)
    for name, text in zip(_TOLD, (instructions, known_by), strict=True):
        if not isinstance(text, str):
            raise ValueError(f"schema.x-ix.{name}: is not text")
    return {**schema, "x-ix": others}, instructions, known_by


_READERS = {".py": _read_python, ".json": _read_schema}


def _checked(found: Found) -> UseCase:
    """The use case if it is one. Raises `ConfigError`."""
    source, use_case = found
    # not `isinstance` with the protocol, which would not say what is missing
    members = [name for name in vars(UseCase) if not name.startswith("_")]
    if lacking := [name for name in members if not hasattr(use_case, name)]:
        raise ConfigError(f"{source}: is no use case: it lacks {', '.join(lacking)}")
    if not _NAME.fullmatch(str(use_case.name)):
        raise ConfigError(f"{source}: the name {use_case.name!r} has other characters than A-Z a-z 0-9 _ . -")
    for member, model in (("request", use_case.request), ("result", use_case.result or BaseModel)):
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            raise ConfigError(f"{source}: {member} is no pydantic model")
    checked: UseCase = use_case
    return checked
