"""The reviewed result: the answer as it was read, and every change on it, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from ix.errors import InvalidInput
from ix.extraction.checked import CheckedResult, allowed_types
from ix.extraction.checks import has_type
from ix.extraction.review.changes import MOST_TEXT, Change, Entry, Place
from ix.extraction.review.paths import MOST_ROWS, Step, Target, allows_null, at, joined, put, target
from ix.extraction.review.sums import sums
from ix.fields import resolve
from ix.job import Finding

_NOWHERE = Place()
OF_SUMS = frozenset({"sum_mismatch", "rows_sum"})
"""Codes of points that are about several values at once."""


@dataclass(slots=True)
class Review:
    """An answer on its way through its changes. `findings` are what was found when it was read, but for what can be
    found again; `touched` has the value and the evidence as they were read of each path that a person gave another
    value; `confirmed` the codes of the points that a person settled. All by the paths of the moment."""

    schema: Mapping[str, Any]
    result: dict[str, Any]
    evidence: dict[str, Any]
    findings: list[Finding]
    touched: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    confirmed: dict[str, frozenset[str]] = field(default_factory=dict)

    def replay(self, entries: Iterable[Entry]) -> None:
        """Makes the changes that were kept. One that leads nowhere any more is passed over: another version of the use
        case may have had other fields."""
        for entry in entries:
            try:
                _DEEDS[entry.op](self, entry)
            except InvalidInput:
                continue

    def entry(self, change: Change) -> Entry | None:
        """The change as it is to be kept, nothing where it only confirms. Raises `InvalidInput` naming what of the
        change cannot be accepted."""
        if change.op == "set" and "value" not in change.model_fields_set:
            if change.confirmed is None:
                raise InvalidInput("value", "is missing; give a value, or say that it is confirmed")
            if change.path:
                self._exists(change.path)
            return None
        made = _MAKERS[change.op](self, change)
        _DEEDS[made.op](self, made)
        return made

    def confirm(self, path: str, codes: frozenset[str]) -> Entry:
        """Settles the points of a path, those with these codes."""
        # in one order, so that the same confirmation is kept as the same
        made = Entry(path=path, op="confirm", value=sorted(codes))
        _confirm(self, made)
        return made

    def unconfirm(self, path: str) -> Entry:
        """Takes back that a person settled the points of a path."""
        made = Entry(path=path, op="unconfirm")
        _unconfirm(self, made)
        return made

    # Making entries

    def _exists(self, path: str) -> Sequence[Step]:
        found = _target(path, self.schema)
        *way, last = found.steps
        owner = at(self.result, way)
        if isinstance(last, int) and not (isinstance(owner, list) and last < len(owner)):
            raise InvalidInput("path", "names no row that is there")
        return found.steps

    def _set(self, change: Change) -> Entry:
        found = _target(change.path, self.schema)
        try:
            _check(change.value, found.spec, found.nullable, self.schema, "value")
        except InvalidInput as error:
            raise InvalidInput(error.field, f"{error.message}, as {change.path} is") from None
        place = change.evidence or _NOWHERE
        evidence = None if change.value is None else place.evidence()
        was = at(self.result, found.steps)
        if isinstance(was, dict | list) or isinstance(change.value, dict | list):
            raise InvalidInput("path", "names a table or a group: change its fields, or its rows")
        return Entry(path=change.path, op="set", value=change.value, was=was, evidence=evidence)

    def _reset(self, change: Change) -> Entry:
        if change.path not in self.touched:
            raise InvalidInput("path", "names no value that a person gave")
        steps = self._exists(change.path)
        return Entry(path=change.path, op="reset", value=self.touched[change.path][0], was=at(self.result, steps))

    def _insert(self, change: Change) -> Entry:
        rows = self._rows(change.path)
        row = _row(change, len(rows) + 1)
        if len(rows) >= MOST_ROWS:
            raise InvalidInput("path", f"has {MOST_ROWS} rows already")
        spec = _target(change.path, self.schema).spec.get("items", {})
        value = _whole(change.value, spec, self.schema)
        _check(value, resolve(spec, self.schema), False, self.schema, "value")
        return Entry(path=change.path, op="insert", value=value, row=row)

    def _remove(self, change: Change) -> Entry:
        rows = self._rows(change.path)
        row = _row(change, len(rows))
        return Entry(path=change.path, op="remove", was=rows[row], row=row)

    def _move(self, change: Change) -> Entry:
        rows = self._rows(change.path)
        row = _row(change, len(rows))
        if change.to is None or change.to >= len(rows):
            raise InvalidInput("to", "names no row that is there")
        return Entry(path=change.path, op="move", row=row, to=change.to)

    def _rows(self, path: str) -> list[Any]:
        found = _target(path, self.schema)
        rows = at(self.result, found.steps)
        if "items" not in found.spec or not isinstance(rows, list | None):
            raise InvalidInput("path", "names no table")
        return rows or []

    # What changes beside the values

    def forget(self, path: str) -> None:
        """What was found of a value that is another now, and what was confirmed of it or of what holds it."""
        # those of other fields stay, though they may be about this one too: only the engine has the pages
        self.findings = [one for one in self.findings if one.path != path]
        for known in [known for known in self.confirmed if path == known or path.startswith(f"{known}.")]:
            # what is confirmed of the document is not about this value
            if known:
                del self.confirmed[known]
        if any(codes & OF_SUMS for codes in self.confirmed.values()):
            self._unsettle_sums(path)

    def _unsettle_sums(self, path: str) -> None:
        """That a sum may stay wrong was said of other numbers."""
        for one in sums(CheckedResult(self.result, self.schema)):
            if path in one.numbers or any(path == table or path.startswith(f"{table}.") for table in one.tables):
                for known in {one.path, *one.tables} & self.confirmed.keys():
                    self.confirmed[known] -= OF_SUMS

    def renumber(self, path: str, moved: Callable[[int], int | None]) -> None:
        """Gives paths into a table the numbers that its rows have now; those into a row that is gone go."""
        self.forget(path)
        self.touched = _renumbered(self.touched, path, moved)
        self.confirmed = _renumbered(self.confirmed, path, moved)
        renamed = ((one, _renamed(one.path, path, moved)) for one in self.findings)
        self.findings = [one.model_copy(update={"path": name}) for one, name in renamed if name is not None]


# Deeds: what an entry does


def _set(review: Review, entry: Entry) -> None:
    steps = _target(entry.path, review.schema).steps
    # before it is written over, and kept only once it is: a change that leads nowhere touches nothing
    read = at(review.result, steps), at(review.evidence, steps)
    _write(review, steps, entry.value, entry.evidence)
    review.touched.setdefault(entry.path, read)
    review.forget(entry.path)


def _reset(review: Review, entry: Entry) -> None:
    steps = _target(entry.path, review.schema).steps
    if entry.path in review.touched:
        _write(review, steps, *review.touched[entry.path])
        del review.touched[entry.path]
        review.forget(entry.path)


def _write(review: Review, steps: Sequence[Step], value: Any, evidence: Any) -> None:
    put(review.result, steps, value)
    try:
        put(review.evidence, steps, evidence)
    except InvalidInput:
        # an answer of another version, whose evidence is not beside its result: the value counts
        return


def _insert(review: Review, entry: Entry) -> None:
    # a value of its own for each look: what is kept must not change with the result
    _in_rows(review, entry.path, lambda rows, value: rows.insert(entry.row or 0, value), deepcopy(entry.value))
    for path in _leaves(entry.value, f"{entry.path}.{entry.row}"):
        review.touched[path] = None, None


def _remove(review: Review, entry: Entry) -> None:
    _in_rows(review, entry.path, lambda rows, _: rows.pop(entry.row or 0))


def _move(review: Review, entry: Entry) -> None:
    _in_rows(review, entry.path, lambda rows, _: rows.insert(entry.to or 0, rows.pop(entry.row or 0)))


def _in_rows(review: Review, path: str, change: Callable[[list[Any], Any], object], value: Any = None) -> None:
    steps = _target(path, review.schema).steps
    if at(review.result, steps) is None:
        put(review.result, steps, [])
    if at(review.evidence, steps) is None:
        put(review.evidence, steps, [])
    rows, seen = at(review.result, steps), at(review.evidence, steps)
    if isinstance(seen, list):
        # rows that stand on no page may have no evidence beside them
        seen += [None] * (len(rows) - len(seen))
    # the same is done to the numbers of the rows, which then say where each has gone
    before = list(range(len(rows)))
    change(rows, value)
    change(before, -1)
    if isinstance(seen, list):
        # what a person says of the cells of a row has a place beside them
        change(seen, {} if isinstance(value, dict) else None)
    places = {old: new for new, old in enumerate(before)}
    review.renumber(path, places.get)


def _confirm(review: Review, entry: Entry) -> None:
    review.confirmed[entry.path] = frozenset(entry.value or ())


def _unconfirm(review: Review, entry: Entry) -> None:
    review.confirmed.pop(entry.path, None)


_DEEDS: Mapping[str, Callable[[Review, Entry], None]] = {
    "set": _set,
    "reset": _reset,
    "insert": _insert,
    "remove": _remove,
    "move": _move,
    "confirm": _confirm,
    "unconfirm": _unconfirm,
}
_MAKERS: Mapping[str, Callable[[Review, Change], Entry]] = {
    "set": Review._set,
    "reset": Review._reset,
    "insert": Review._insert,
    "remove": Review._remove,
    "move": Review._move,
}


# Paths and values


def _target(path: str, schema: Mapping[str, Any]) -> Target:
    try:
        return target(path, schema)
    except InvalidInput as error:
        raise InvalidInput("path", error.message) from None


def _row(change: Change, below: int) -> int:
    if change.at is None or change.at >= below:
        raise InvalidInput("at", "names no row that is there")
    return change.at


def _check(value: Any, spec: Mapping[str, Any], nullable: bool, schema: Mapping[str, Any], where: str) -> None:
    """Raises `InvalidInput` unless the value is of the type that the schema names, through all its levels."""
    if value is None and nullable:
        return
    if not has_type(value, allowed_types(spec)):
        raise InvalidInput(where, f"is not of type {_types(spec, nullable)}")
    if isinstance(value, str) and len(value) > MOST_TEXT:
        raise InvalidInput(where, f"has more than {MOST_TEXT} characters")
    if isinstance(value, list):
        for number, one in enumerate(value):
            _check(one, resolve(spec.get("items", {}), schema), False, schema, f"{where}.{number}")
    elif isinstance(value, dict):
        known = spec.get("properties", {})
        for name, one in value.items():
            if name not in known:
                raise InvalidInput(where, f"{name[:100]!r} names no field of the row")
            inner = known[name]
            _check(one, resolve(inner, schema), allows_null(inner, schema), schema, joined(where, name))


def _types(spec: Mapping[str, Any], nullable: bool) -> str:
    return " or ".join(dict.fromkeys([*allowed_types(spec), *(["null"] if nullable else [])]))


def _whole(value: Any, spec: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    """A row with every field of the schema: what was not given is null, or an empty list."""
    inner = resolve(spec, schema)
    if "properties" not in inner or not isinstance(value, dict | None):
        return value
    empty: dict[str, Any] = {
        name: [] if "items" in resolve(one, schema) else None for name, one in inner["properties"].items()
    }
    return {**empty, **(value or {})}


def _leaves(value: Any, path: str) -> Iterable[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, joined(path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(inner, joined(path, number))
    elif value is not None:
        yield path


def _renumbered(known: Mapping[str, Any], path: str, moved: Callable[[int], int | None]) -> dict[str, Any]:
    renamed = ((_renamed(name, path, moved), value) for name, value in known.items())
    return {name: value for name, value in renamed if name is not None}


def _renamed(name: str, path: str, moved: Callable[[int], int | None]) -> str | None:
    if not name.startswith(f"{path}."):
        return name
    number, _, rest = name[len(path) + 1 :].partition(".")
    if not number.isdigit() or (now := moved(int(number))) is None:
        return None
    return f"{path}.{now}.{rest}" if rest else f"{path}.{now}"
