"""What a schema with the rule `running` (`ix.extraction.checks`) asks of a statement: its movements and the balances
around them, found together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.movements.answer import Account, read_account
from ix.extraction.models.rules.tables.movements.roles import is_movements
from ix.fields import Field


class Statement(NamedTuple):
    """What a statement's movements answer: the trees of the fields that the rule names, and the words of their lines,
    which are of no field beside the table; by the index of their page."""

    trees: dict[str, Tree]
    words: frozenset[tuple[int, int]] = frozenset()

    def beside(self, found: Iterable[Candidate]) -> list[Candidate]:
        """The candidates that do not stand among the movements."""
        if not self.words:
            return list(found)
        return [one for one in found if not all((one.page, index) in self.words for index in one.span.indices)]


def statement(
    schema: Mapping[str, Any], fields: Sequence[Field], reading: Reading, chosen: Mapping[str, Candidate]
) -> Statement:
    """What the rule finds; nothing where the schema has no such rule, or no table of movements. `chosen` is what labels
    found for the fields of money."""
    rule: Mapping[str, str] = (schema.get("x-ix") or {}).get("running") or {}
    known = {field.name: field for field in fields}
    table = known.get(rule.get("rows", ""))
    if table is None or table.kind != "rows" or not is_movements(table):
        return Statement({})
    around = dict(_around(rule, known))
    labelled = (chosen.get(rule.get("start", "")), chosen.get(rule.get("end", "")))
    account = read_account(table, reading, around, labelled)
    return Statement(dict(_trees(account, rule, known)), account.words)


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
            # null is an answer too: what labels found was weighed with the rest already
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
