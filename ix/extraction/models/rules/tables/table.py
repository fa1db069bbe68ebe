"""Tables: the heading by the columns' labels, then the lines below it, each item anchored by an amount in its last
money column.

    Pos  Description        Quantity   Price    Amount      heading
    1    Anvil 250 kg        1 pc     1,000.00  1,000.00    an item: it has the anchor; text around it names it
         colour: grey                                       no anchor: says more of the item above
    Total                                       1,420.00    the end: words that sum up

Without a heading, as on many till receipts, rows are the amounts with words above the first sum.
"""

from __future__ import annotations

from collections.abc import Sequence

from ix.extraction.models import Leaf, Tree
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.tables.aligned import quality, read_aligned
from ix.extraction.models.rules.tables.bodies import bodies
from ix.extraction.models.rules.tables.items import Values, items
from ix.extraction.models.rules.tables.unheaded import unheaded_items
from ix.fields import Field


def read_table(table: Field, reading: Reading) -> list[Tree]:
    """The rows of a table, top to bottom, over all its pages; none if the pages have no such table."""
    return [_row(table.fields, item) for item in table_values(table, reading)]


def table_values(table: Field, reading: Reading) -> list[Values]:
    """The values of each row by the paths of their columns."""
    found = [item for body in bodies(table.fields, reading) for item in items(body)]
    aligned = read_aligned(table, reading)
    if quality(aligned, table) > quality(found, table):
        return aligned
    return found or list(unheaded_items(table.fields, reading))


def _row(fields: Sequence[Field], item: Values) -> Tree:
    return {field.name: item[field.path].leaf() if field.path in item else Leaf(None) for field in fields}
