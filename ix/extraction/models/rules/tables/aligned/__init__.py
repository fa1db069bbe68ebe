"""Tables of goods by alignment: columns by where the cells of all lines stand, and which column is what decided for the
table as a whole, by what its heading is called, what its cells look like, and arithmetic.

    heads ──▶ lines ──gutters──▶ columns ──assignment──▶ rows
                                          heading · kind · place · quantity × price = amount
"""

from __future__ import annotations

from ix.extraction.models.rules.tables.aligned.rows import lines_of_tables, quality, read_aligned
from ix.extraction.models.rules.tables.aligned.sums import sums_under

__all__ = ["lines_of_tables", "quality", "read_aligned", "sums_under"]
