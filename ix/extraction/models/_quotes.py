"""Quotes against values: where a model quotes words of the page that say one thing and writes another as the value, the
page decides.

    {"quote": "EUR 1.234,50", "value": 123450}   ──settled──▶   1234.5, and a finding `quote_decides`

Only a quote that stands on the page counts, and only one that holds exactly one value of the field's type: what can be
read in two ways decides nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ix.extraction.evidence.agreement import agrees
from ix.extraction.evidence.folding import folded
from ix.extraction.evidence.printed import amounts_in, currencies_in, dates_in
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Tree
from ix.extraction.models._answer import Read, placed_leaves
from ix.fields import Field, fields_of
from ix.job import Finding

MOST_SHOWN = 60
"""Characters of a value that a finding shows."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d")
Said = str | int | float | bool | None


def settled(read: Read, schema: Mapping[str, Any], text: str) -> tuple[Finding, ...]:
    """Decides by the quotes in `read`, whose leaves and `wrong` it changes, and tells of each value that it took from
    one. `text` is the pages'."""
    found, changed = list[Finding](), dict[str, Leaf]()
    for path, field, leaf in placed_leaves(read.values, fields_of(schema)):
        if (day := _in_iso(leaf, field)) != leaf.value:
            leaf = changed[path] = replace(leaf, value=day, quote=leaf.quote or str(leaf.value))
        value = _decided(leaf, field, path in read.wrong, text)
        if value is not None:
            changed[path] = replace(leaf, value=value)
            if read.wrong.pop(path, None) is None:
                shown = {"value": str(value)[:MOST_SHOWN], "other": str(leaf.value)[:MOST_SHOWN]}
                found.append(finding("quote_decides", path, field=path, **shown))
        elif path in read.wrong:
            # its quote is what the model wrote in place of a value, which is no evidence
            changed[path] = Leaf(None)
    read.values = {name: with_leaves(tree, changed, name) for name, tree in read.values.items()}
    return tuple(found)


def with_leaves(tree: Tree, changed: Mapping[str, Leaf], path: str) -> Tree:
    """The tree with other leaves at some of its paths."""
    if isinstance(tree, Leaf):
        return changed.get(path, tree)
    if isinstance(tree, list):
        return [with_leaves(member, changed, f"{path}.{at}") for at, member in enumerate(tree)]
    return {name: with_leaves(member, changed, f"{path}.{name}") for name, member in tree.items()}


def only_value(field: Field, quote: str) -> Said:
    """The one value of the field's type that a quote holds; None where it holds none or several."""
    values: Sequence[Said] = ()
    # the 19 of "19 %" is no amount, and may be meant as 0.19
    if "%" in quote:
        return None
    if field.kind in ("money", "number") and field.json_type in ("number", "integer"):
        values = [int(each) if each == each.to_integral_value() else float(each) for each in amounts_in(quote)]
    elif field.kind == "date" and field.json_type == "string":
        values = [each.isoformat() for each in dates_in(quote)]
    elif field.kind == "currency" and field.json_type == "string":
        values = sorted(currencies_in(quote))
    if len(values) != 1 or (field.json_type == "integer" and not isinstance(values[0], int)):
        return None
    return values[0]


def _in_iso(leaf: Leaf, field: Field) -> Said:
    """A date that was written as the page has it, in the form that was asked for, where it can be read in one way
    only."""
    if field.kind != "date" or not isinstance(leaf.value, str) or _ISO.match(leaf.value):
        return leaf.value
    return only_value(field, leaf.value) or leaf.value


def _decided(leaf: Leaf, field: Field, is_wrong: bool, text: str) -> Said:
    """The value by which the leaf's is replaced; None where it stays."""
    # a choice is the client's word for something, which no page need print
    if field.choices or not leaf.quote or (leaf.value is None and not is_wrong):
        return None
    if leaf.value is not None and agrees(leaf.value, field, leaf.quote) is not None:
        return None
    value = only_value(field, leaf.quote)
    # last, since it looks through the pages
    return value if value is not None and folded(leaf.quote) in folded(text) else None
