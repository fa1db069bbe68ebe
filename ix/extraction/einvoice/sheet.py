"""An electronic invoice laid out for people, as lines of text: what a page of it would say, had anybody drawn one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ix.extraction.einvoice.mapping import Each, Part, Spec
from ix.extraction.models import Leaf, Tree
from ix.fields import Field, Kind

INDENT = "  "
_CELLS = ("name", "quantity", "unit_price", "line_total")
"""Columns of the table of positions, the first of them left-aligned."""
WIDTH = 44
"""Characters of the first column; the others have `NUMBER`."""
NUMBER = 14


def fields(table: Mapping[str, Spec], path: str = "") -> tuple[Field, ...]:
    """Fields for all that a table maps, whose values stay as they are written, but for dates."""
    return tuple(_field(name, spec, f"{path}.{name}" if path else name) for name, spec in table.items())


def _field(name: str, spec: Spec, path: str) -> Field:
    if not isinstance(spec, Each | Part):
        dated = name.endswith("date") or name in ("period_start", "period_end")
        kind: Kind = "date" if dated else "text"
        return Field(name, path, kind)
    return Field(name, path, "rows" if isinstance(spec, Each) else "object", fields=fields(spec.members, path))


def lines(title: str, values: Mapping[str, Tree], table: Mapping[str, Spec]) -> Iterator[str]:
    """The lines: values with their names first, then the positions as a table, then everything else by section."""
    yield from (title, "")
    yield from (text for name, tree in values.items() if isinstance(tree, Leaf) for text in _named(name, tree))
    for name, tree in values.items():
        if isinstance(tree, list) and tree and isinstance(table.get(name), Each):
            yield from ("", _label(name).upper())
            yield from _positions(tree) if name == "lines" else _rows(tree)
        elif isinstance(tree, dict) and isinstance(table.get(name), Part):
            yield from ("", _label(name).upper(), *_section(tree, INDENT))
    if others := values.get("other_values"):
        yield from ("", "OTHER VALUES", *_rows(others if isinstance(others, list) else []))


def _named(name: str, leaf: Leaf, indent: str = "") -> Iterator[str]:
    if leaf.value is not None:
        first, *more = str(leaf.value).splitlines() or [""]
        yield f"{indent}{_label(name)}: {first.strip()}"
        yield from (f"{indent}{INDENT}{text.strip()}" for text in more if text.strip())


def _positions(rows: Sequence[Tree]) -> Iterator[str]:
    yield _columns([_label(name) for name in _CELLS])
    for row in rows:
        if isinstance(row, dict):
            yield _columns([_text(row.get(name)) for name in _CELLS])
            yield from _rows([row.get("details", Leaf(None))])
            yield from _section({name: tree for name, tree in row.items() if isinstance(tree, list)}, INDENT)


def _columns(cells: Sequence[str]) -> str:
    first, *numbers = cells
    # a name longer than its column keeps a line of its own, so that columns stay columns
    if len(first) > WIDTH:
        return f"{first}\n{'':{WIDTH}}" + "".join(f"{cell:>{NUMBER}}" for cell in numbers)
    return f"{first:{WIDTH}}" + "".join(f"{cell:>{NUMBER}}" for cell in numbers)


def _rows(rows: Sequence[Tree], indent: str = INDENT) -> Iterator[str]:
    for row in rows:
        if isinstance(row, dict):
            said = [(name, leaf) for name, leaf in row.items() if isinstance(leaf, Leaf) and leaf.value is not None]
            if all("\n" not in str(leaf.value) for _, leaf in said):
                yield indent + "; ".join(f"{_label(name)}: {leaf.value}" for name, leaf in said)
            else:
                yield from (text for name, leaf in said for text in _named(name, leaf, indent))
            yield from _section({name: tree for name, tree in row.items() if not isinstance(tree, Leaf)}, indent)


def _section(members: Mapping[str, Tree], indent: str) -> Iterator[str]:
    for name, tree in members.items():
        if isinstance(tree, Leaf):
            yield from _named(name, tree, indent)
        elif tree:
            yield f"{indent}{_label(name)}:"
            yield from _rows(tree if isinstance(tree, list) else [tree], indent + INDENT)


def _text(tree: Tree | None) -> str:
    return str(tree.value) if isinstance(tree, Leaf) and tree.value is not None else ""


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize().replace("Iban", "IBAN").replace("vat id", "VAT ID")
