"""The tables of an export: results, the rows of their lists, and evidence; a row is a list of cells, in the order of
the table's titles."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import zip_longest
from typing import Any, NamedTuple, TypeAlias

from pydantic_core import to_json

from ix.use_cases import Column, Columns

Cell: TypeAlias = "str | int | float | bool | date | datetime | None"
Known: TypeAlias = "dict[str, Known]"
MOMENT, DATE, MONEY, TEXT, NUMBER = "moment", "date", "money", "text", "number"
"""Kinds of columns that are written in a way of their own, or stand for those that are not."""
FIRST = {"ix_id": TEXT, "document": TEXT}
LAST = {
    "request_id": TEXT,
    "client_id": TEXT,
    "use_case": TEXT,
    "status": TEXT,
    "review": TEXT,
    "created_at": MOMENT,
    "finished_at": MOMENT,
    "configuration": TEXT,
}
HEAD = {**FIRST, **LAST}
"""What each row of results says of its job before and behind the values, and of what kind that is."""
LABELS = ("tags", "batch_id")
"""What a line of JSON says of a job beside, where it has some."""
OF_ROWS = {"ix_id": TEXT, "document": TEXT, "list": TEXT, "row": NUMBER}
"""What each row of a list says first: where it stands; rows count from 1."""
EVIDENCE = {
    **FIRST,
    "path": TEXT,
    "value": TEXT,
    "match": TEXT,
    "method": TEXT,
    "in_document": NUMBER,
    "page": NUMBER,
    "quote": TEXT,
    "confidence": NUMBER,
    "boxes": TEXT,
    **{name: kind for name, kind in LAST.items() if kind == TEXT},
}
"""The table of evidence: one row a value. Documents count from 0 and pages from 1, as in the evidence itself."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Title(NamedTuple):
    """What stands above a column, and the kind of what stands in it."""

    name: str
    kind: str


class Answered(NamedTuple):
    """A job and its answer; what `head` has is what `HEAD` names, and more."""

    head: Mapping[str, Any]
    response: Mapping[str, Any]

    @property
    def result(self) -> Any:
        """The values; None where there are none."""
        return self.response.get("result")

    @property
    def evidence(self) -> Any:
        """What mirrors the values, see `ix.extraction.evidence`."""
        return self.response.get("evidence")


class Results:
    """The tables of results that have these columns."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._known = _known([one.names for one in (*columns.values, *columns.rows)])
        self.titles = [
            *(Title(*one) for one in FIRST.items()),
            *_titles(columns.values, HEAD),
            *(Title(_free(one.path, HEAD), NUMBER) for one in columns.lists),
            *(Title(*one) for one in LAST.items()),
            *(Title(_last(name, columns), TEXT) for name in ("warnings", "more")),
        ]
        self.titles_of_rows = [*(Title(*one) for one in OF_ROWS.items()), *_titles(columns.rows, OF_ROWS)]

    def row(self, job: Answered) -> list[Cell]:
        """A job's row: of a list the number of its rows, and what is in no column as JSON, last."""
        result = job.result
        # nothing is lost where a client's schemas differ
        more = _left_over(result, self._known)
        return [
            *(typed(job.head.get(name), kind) for name, kind in FIRST.items()),
            *(typed(at(result, one.names), one.kind) for one in self._columns.values),
            *(len(found) if isinstance(found := at(result, one.names), list) else None for one in self._columns.lists),
            *(typed(job.head.get(name), kind) for name, kind in LAST.items()),
            "; ".join(_said(one) for one in job.response.get("warnings") or ()) or None,
            _json(more) if more else None,
        ]

    def rows(self, job: Answered) -> Iterator[list[Cell]]:
        """The rows of a job's lists, one list after the other."""
        for names in (one.names for one in self._columns.lists):
            found = at(job.result, names)
            for number, row in enumerate(found if isinstance(found, list) else (), 1):
                yield [
                    *(job.head["ix_id"], job.head.get("document"), ".".join(names), number),
                    *(
                        typed(at(row, one.names[len(names) :]), one.kind) if one.of_list == names else None
                        for one in self._columns.rows
                    ),
                ]


class Evidence:
    """The table of evidence: where each value was read."""

    titles = tuple(Title(*one) for one in EVIDENCE.items())

    def __init__(self, columns: Columns) -> None:
        self._known = known_of(columns)

    def rows(self, job: Answered) -> Iterator[list[Cell]]:
        """A row for each value that is not null, in the order of the schema."""
        first = [job.head.get(name) for name in FIRST]
        last = [job.head.get(name) for name, kind in LAST.items() if kind == TEXT]
        for path, value, node in _values(in_order(job.result, self._known), job.evidence, ""):
            boxes = node.get("boxes")
            yield [
                *(*first, path, _text(value), node.get("match"), node.get("source") or node.get("method")),
                *(node.get("document"), node.get("page"), node.get("quote"), node.get("confidence")),
                *(_json(boxes) if boxes else None, *last),
            ]


def filled(columns: Columns, results: Sequence[Any]) -> Columns:
    """The columns without those that electronic invoices alone fill, and that none of these results does."""
    lists = [one for one in columns.lists if not one.electronic or any(at(result, one.names) for result in results)]
    found = {
        names: [row for result in results for row in at(result, names) or ()] for names in (o.names for o in lists)
    }
    return Columns(
        tuple(one for one in columns.values if not one.electronic or _is_there(one.names, results)),
        tuple(
            one
            for one in columns.rows
            if one.of_list in found
            and (not one.electronic or _is_there(one.names[len(one.of_list) :], found[one.of_list]))
        ),
        tuple(lists),
    )


def in_order(value: Any, known: Known) -> Any:
    """JSON with the members of its objects as the schema has them, those that it does not know last: the database
    gives them in an order of its own."""
    if isinstance(value, list):
        return [in_order(one, known) for one in value]
    if not isinstance(value, dict):
        return value
    # those of the schema first: no sort, which would have to know what a strange name comes after
    names = [name for name in known if name in value]
    return {name: in_order(value[name], known.get(name, {})) for name in (*names, *(value.keys() - known.keys()))}


def known_of(columns: Columns) -> Known:
    """The names that columns lead through, one within the other."""
    return _known([one.names for table in columns for one in table])


def typed(value: Any, kind: str) -> Cell:
    """A JSON value as a cell: days and moments as such, a list of plain values joined, all else that is none as
    JSON."""
    if isinstance(value, list):
        return "; ".join(map(str, value)) if not any(isinstance(one, dict | list) for one in value) else _json(value)
    if isinstance(value, dict):
        return _json(value)
    if isinstance(value, str) and kind == MOMENT:
        return datetime.fromisoformat(value)
    if isinstance(value, str) and kind == DATE and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    plain: Cell = value
    return plain


def _titles(columns: Sequence[Column], taken: Iterable[str]) -> Iterator[Title]:
    return (Title(_free(one.path, taken), one.kind) for one in columns)


def _free(name: str, taken: Iterable[str]) -> str:
    """A title that no other column has: values may be called as what is said of jobs."""
    return f"result.{name}" if name in taken else name


def _last(name: str, columns: Columns) -> str:
    """A title behind those of values, one of which may be called so."""
    return f"job.{name}" if name in (one.path for one in (*columns.values, *columns.lists)) else name


def _is_there(names: Sequence[str], values: Iterable[Any]) -> bool:
    return any(at(value, names) not in (None, []) for value in values)


def _known(paths: Iterable[Sequence[str]]) -> Known:
    known: Known = {}
    for names in paths:
        at = known
        for name in names:
            at = at.setdefault(name, {})
    return known


def at(value: Any, names: Sequence[str]) -> Any:
    """What stands in a result behind these names; None where nothing does."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _left_over(value: Any, known: Known) -> Any:
    """What of a value is in no column: None where that is nothing."""
    if isinstance(value, list):
        rows = [_left_over(one, known) for one in value]
        return rows if any(one is not None for one in rows) else None
    if not isinstance(value, dict):
        return value
    left = {name: one if name not in known else _below(one, known[name]) for name, one in value.items()}
    return {name: one for name, one in left.items() if one is not None} or None


def _below(value: Any, known: Known) -> Any:
    # what leads no further is a column
    return _left_over(value, known) if known else None


def _values(result: Any, evidence: Any, path: str) -> Iterator[tuple[str, Any, Mapping[str, Any]]]:
    if isinstance(result, dict):
        for name, value in result.items():
            yield from _values(value, at(evidence, [name]), f"{path}.{name}" if path else name)
    elif isinstance(result, list):
        # rows that a person has added have none
        nodes = evidence[: len(result)] if isinstance(evidence, list) else []
        for number, (value, node) in enumerate(zip_longest(result, nodes)):
            yield from _values(value, node, f"{path}.{number}")
    elif result is not None:
        yield path, result, evidence if isinstance(evidence, dict) else {}


def _said(finding: Mapping[str, Any]) -> str:
    return f"{finding.get('code', '')} {finding.get('path', '')}".strip()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return to_json(value).decode()
