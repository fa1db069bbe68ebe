"""Labelled documents: a folder with `gold.jsonl`, as `ix export --what labelled` writes it, and the documents it names.

    {"file": "documents/001.pdf", "gold": {field: value, …}, "printed": {field: true, …}, "use_case": "receipt"}

Of `gold`, a list has several values of which any is right (for a list of the schema: its rows), null says that the
document has no such value, and a field that is absent is not scored. `printed`, where it is given, says which values
stand on the page: only those are scored, and lists. A line may bring a `use_case`, the `schema` that it is asked by and
its `source`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ix import untrusted
from ix.client import Client
from ix.errors import InvalidInput, IxError
from ix.fields import Field, fields_of

NAME = "gold.jsonl"
CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Label:
    """What is known of one document. `printed` is None where all of it stands on the page."""

    file: str
    gold: Mapping[str, Any]
    printed: Mapping[str, Any] | None = None
    use_case: str = ""
    schema: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What a document is asked: the use case, its options, and of the schema's values each one's kind by its path.
    `lists` has the kinds of the columns; a list of plain values has one column without a name."""

    use_case: str
    options: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    lists: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def read(folder: Path) -> list[Label]:
    """The folder's labels. Raises `IxError` where there are none, or a line is none."""
    path = folder / NAME
    if not path.is_file():
        raise IxError(f"{path} does not exist: name a folder of labelled documents, see `ix eval --help`")
    lines = enumerate(path.read_text("utf-8").splitlines(), 1)
    found = [_label(line, f"{path}, line {number}", folder) for number, line in lines if line.strip()]
    if not found:
        raise IxError(f"{path} is empty: approve documents and take them away with `ix export --what labelled`")
    return found


def _label(line: str, where: str, folder: Path) -> Label:
    try:
        said = untrusted.parse(line)
    except InvalidInput as error:
        raise IxError(f"{where}: {error.message}") from None
    if not isinstance(said, dict) or not isinstance(said.get("gold"), dict) or not isinstance(said.get("file"), str):
        raise IxError(f'{where}: is not such as {{"file": "documents/1.pdf", "gold": {{"total": "9.00"}}}}')
    if not (folder / said["file"]).is_file():
        raise IxError(f"{where}: {folder / said['file']} is not a file")
    printed = said.get("printed")
    return Label(
        said["file"],
        said["gold"],
        printed if isinstance(printed, dict) else None,
        str(said.get("use_case") or ""),
        said.get("schema") if isinstance(said.get("schema"), dict) else None,
    )


class Questions:
    """What each document is asked, by what the service offers. `use_case`, `schema` and `risk` count for all."""

    def __init__(
        self, client: Client, labels: Sequence[Label], use_case: str, schema: Path | None, risk: float | None = None
    ) -> None:
        self._known = {one.name: one.result for one in client.use_cases()}
        self._more = {} if risk is None else {"risk": risk}
        self._schema = _schema(schema) if schema else None
        self._use_case = use_case or (CUSTOM if schema else "")
        self._names = {name for label in labels if not label.use_case for name in label.gold}
        # now, and not when its first document comes after a hundred others
        for name in {self._use_case, *(one.use_case for one in labels if not self._use_case)} - {""}:
            if name not in self._known:
                raise IxError(f"the use case {name} is unknown; known are {', '.join(sorted(self._known))}")

    def of(self, label: Label) -> Asked:
        """What this document is asked. Raises `IxError` where nothing says its schema."""
        schema = label.schema or self._schema
        if schema is not None:
            return _asked(self._use_case or CUSTOM, schema, {**self._more, "schema": schema})
        name = self._use_case or label.use_case or self._likeliest(label)
        found = self._known.get(name)
        if found is None:
            raise IxError(f"{label.file}: {name or 'what it is asked'} has no schema of its own; name one by --schema")
        return _asked(name, found, self._more)

    def _likeliest(self, label: Label) -> str:
        """The use case that shares the most fields with the document's labels, then with those of all."""
        fields = {name: result.get("properties", {}).keys() for name, result in self._known.items() if result}
        # of equals always the same, whatever order the service lists them in
        return max(
            fields,
            key=lambda name: (len(fields[name] & label.gold.keys()), len(fields[name] & self._names), name),
            default="",
        )


def _schema(path: Path) -> Mapping[str, Any]:
    try:
        found = untrusted.parse(path.read_bytes())
    except OSError as error:
        raise IxError(f"--schema: {path} cannot be read ({error.strerror})") from None
    except InvalidInput as error:
        raise IxError(f"--schema: {path}: {error.message}") from None
    if not isinstance(found, dict):
        raise IxError(f"--schema: {path} is not a JSON Schema of an object")
    return found


def _asked(use_case: str, schema: Mapping[str, Any], options: Mapping[str, Any]) -> Asked:
    found = Asked(use_case, options, {}, {})
    _gather(fields_of(schema), found)
    return found


def _gather(fields: Sequence[Field], into: Any) -> None:
    for one in fields:
        if one.kind == "object":
            _gather(one.fields, into)
        elif one.kind == "rows":
            into.lists[one.path] = {column.name: column.kind for column in one.fields} or {"": "text"}
        else:
            into.fields[one.path] = one.kind


def value_at(tree: Any, path: str) -> tuple[bool, Any]:
    """Whether a tree says anything of a path, and what."""
    # a name may hold points itself
    if isinstance(tree, Mapping) and path in tree:
        return True, tree[path]
    for name in path.split("."):
        if not isinstance(tree, Mapping) or name not in tree:
            return False, None
        tree = tree[name]
    return True, tree


def dumped(value: Any) -> str:
    """A value as a report shows it."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
