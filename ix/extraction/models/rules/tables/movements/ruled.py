"""What a schema with the rule `running` (`ix.extraction.checks`) asks of a statement: its movements and the balances
around them, found together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements.answer import Account, read_account
from ix.extraction.models.rules.tables.movements.roles import is_movements
from ix.fields import Field


def statement(
    schema: Mapping[str, Any], fields: Sequence[Field], reading: Reading, chosen: Mapping[str, Candidate]
) -> dict[str, Tree]:
    """The trees of the fields that the rule names; none where the schema has no such rule, or no table of movements.
    `chosen` is what labels found for the fields of money."""
    rule: Mapping[str, str] = (schema.get("x-ix") or {}).get("running") or {}
    known = {field.name: field for field in fields}
    table = known.get(rule.get("rows", ""))
    if table is None or table.kind != "rows" or not is_movements(table):
        return {}
    around = dict(_around(rule, known))
    labelled = (chosen.get(rule.get("start", "")), chosen.get(rule.get("end", "")))
    return dict(_trees(read_account(table, reading, around, labelled), rule, known))


def _around(rule: Mapping[str, str], known: Mapping[str, Field]) -> Iterator[tuple[str, Field]]:
    for name, key in (("opening", "start"), ("closing", "end")):
        if field := known.get(rule.get(key, "")):
            yield name, field
    holder, _, member = rule.get("carried", "").partition(".")
    if (table := known.get(holder)) and (field := next((one for one in table.fields if one.name == member), None)):
        yield "carried", field


def _trees(account: Account, rule: Mapping[str, str], known: Mapping[str, Field]) -> Iterator[tuple[str, Tree]]:
    yield rule["rows"], account.rows
    for name, candidate in ((rule.get("start", ""), account.ends.opening), (rule.get("end", ""), account.ends.closing)):
        if name in known:
            yield name, candidate.leaf() if candidate else Leaf(None)
    holder, _, member = rule.get("carried", "").partition(".")
    if holder in known:
        yield (
            holder,
            [
                {field.name: one.leaf() if field.name == member else Leaf(None) for field in known[holder].fields}
                for one in account.carried
            ],
        )
