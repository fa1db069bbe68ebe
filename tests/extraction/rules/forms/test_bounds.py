"""What a client's schema and page cost together: comparisons are counted, and end at a limit."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from ix.extraction.models.rules.answer import answer
from ix.extraction.models.rules.forms import filling
from ix.extraction.models.rules.tables import titled
from ix.extraction.page import Page, Word

WORDS = (
    "name number date amount policy street city code value unit reading meter account order item weight".split()  # noqa: SIM905
)


def crowded(words: int) -> Page:
    """A page of nothing but captions."""
    draw = random.Random(3)
    found = []
    for at in range(words):
        row, column = divmod(at, 10)
        box = (column / 10, row / 500, column / 10 + 0.06, row / 500 + 0.0015)
        found.append(Word(" ".join(draw.sample(WORDS, 2)) + ":" * (at % 2), box))
    return Page(1, 595, 842, tuple(found))


@pytest.mark.parametrize("module", [filling, titled])
def test_comparisons_end_at_a_limit(module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: Counter[str] = Counter()
    real = module.likeness

    def counted(*arguments: Any) -> float:
        calls["all"] += 1
        return float(real(*arguments))

    monkeypatch.setattr(module, "likeness", counted)
    for one in (filling, titled):
        monkeypatch.setattr(one, "_MOST_PAIRS", 300)
    names = [f"{one}_{other}" for one in WORDS for other in WORDS if one != other][:60]
    columns = {name: {"type": "string"} for name in names[:20]}
    rows = {"type": "array", "items": {"type": "object", "properties": columns}}
    fields = {name: {"type": "string"} for name in names}
    answer([crowded(200)], {"type": "object", "properties": {**fields, "rows": rows}})
    assert 100 < calls["all"] <= 300
