"""Words of papers beside invoices and receipts: statements of accounts, letters, orders, delivery notes, credit notes.

They stand kind by kind in one table, `_papers.json`, and are added to what the files of the languages bring (`load`):
by language, then by use case and field what stands beside values; as `titles` what documents are titled. Beside these
stand members of `Language` by their names: `trades` more of them, and those of `WORDS` where the language's file has
none."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

WORDS = ("paid_out", "paid_in", "between_dates", "greetings", "deadlines", "columns", "paper_names")
"""Members that a language has from the table where its own file has none."""
_TABLE = Path(__file__).with_name("_papers.json")
_NO_USE_CASE = frozenset(("titles", "field_names", "columns"))


@cache
def papers() -> Mapping[str, Mapping[str, Any]]:
    """The table, by language (ISO 639-1)."""
    # JSON, since TOML takes twenty times as long, in each process that starts
    found: Mapping[str, Mapping[str, Any]] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return found


def labels_of(code: str) -> dict[str, dict[str, str]]:
    """What stands beside values, by use case and field; empty for a language that the table has not."""
    own = papers().get(code, {})
    return {name: dict(said) for name, said in own.items() if isinstance(said, Mapping) and name not in _NO_USE_CASE}
