"""A value's box and quote are its own: what comes along in its words is cut off."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.evidence import place
from ix.extraction.evidence.cutting import Cutter
from ix.extraction.evidence.own import own_part
from ix.extraction.models import Leaf
from ix.extraction.page import Page, Word
from ix.fields import Field
from tests.extraction.test_evidence import node, page


def own(kind: Any, value: Any, text: str) -> str:
    start, end = own_part(value, Field("it", "it", kind), text)
    return text[start:end]


@pytest.mark.parametrize(
    ("kind", "value", "text", "quote"),
    [
        ("money", 11.4, "RM 11.40", "11.40"),
        ("money", 11.4, "RM11.40*", "11.40"),
        ("money", -11.4, "-RM 11.40", "-RM 11.40"),
        ("money", -108.43, "$108.43 CR", "108.43 CR"),
        ("money", 200.0, "200.00 CR", "200.00 CR"),
        ("money", 13.58, "BHD13.580", "13.580"),
        ("money", 10.5, "x1O.5Ox", "1O.5O"),
        ("number", 2, "2x", "2"),
        ("percentage", 19, "MwSt 19 %", "19 %"),
        ("percentage", 0.19, "VAT@19%", "19%"),
        ("date", "2016-05-01", "Date:2016/05/0114:11:20", "2016/05/01"),
        ("date", "2018-03-18", "#19-18/03/201823:02:16", "18/03/2018"),
        ("date", "2019-03-05", "Berlin, den 5. März 2019", "5. März 2019"),
        ("currency", "MYR", "RM12.50", "RM"),
        ("currency", "EUR", "Total:€", "€"),
        ("iban", "DE02120300000000202051", "IBAN:DE02 1203 0000 0000 2020 51", "DE02 1203 0000 0000 2020 51"),
        ("identifier", "INV-17", "No.:INV-17", "INV-17"),
        ("identifier", "INV-1001", "No:INV-IOO1", "INV-IOO1"),
        ("organisation", "Blue Kettle Ltd.", "by:BLUE KETTLE LTD.", "BLUE KETTLE LTD."),
        ("text", "a+b", "x a+b", "a+b"),
        # what prints no value of its own is the value's altogether
        ("money", 30.0, "10.00 20.00", "10.00 20.00"),
        ("boolean", True, "paid in full", "paid in full"),
        ("organisation", "Blue Kettle", "Blue Kettie", "Blue Kettie"),
    ],
)
def test_a_value_has_its_own_characters(kind: str, value: Any, text: str, quote: str) -> None:
    assert own(kind, value, text) == quote


def test_a_neighbour_that_is_glued_to_it_gets_no_box() -> None:
    found = node("date", "2016-05-01", "Date:2016/05/0114:11:20", page("Date:2016/05/0114:11:20"))
    [[left, _, right, _]] = found["boxes"]
    assert found["quote"] == "2016/05/01"
    # the grid has 80 characters a line, but shares follow typical widths: a colon is narrow
    assert left == pytest.approx(5 / 80, abs=0.7 / 80)
    assert right == pytest.approx(15 / 80, abs=0.7 / 80)


def test_values_that_share_a_word_have_boxes_beside_each_other() -> None:
    spec = {
        "currency": {"type": "string", "x-ix": {"kind": "currency"}},
        "sum": {"type": "number", "x-ix": {"kind": "money"}},
    }
    found = place(
        {"currency": Leaf("MYR", "RM11.40"), "sum": Leaf(11.4, "RM11.40")},
        {"type": "object", "properties": spec},
        [page("Total RM11.40")],
    )
    currency, money = (found.evidence[name]["boxes"][0] for name in ("currency", "sum"))
    assert currency[2] == money[0]


def test_only_the_values_own_words_make_its_confidence() -> None:
    words = (Word("RM", (0.1, 0.1, 0.2, 0.12), 0.5), Word("11.40", (0.21, 0.1, 0.3, 0.12), 1.0))
    assert node("money", 11.4, "RM 11.40", Page(1, 800, 1000, words))["confidence"] == 1.0


def of_widths(widths: dict[str, int], *texts: str) -> Page:
    """Words whose characters have these widths, thousandths of the page."""
    words = (
        Word(text, (0.0, 0.03 * at, sum(widths[char] for char in text) / 1000, 0.03 * at + 0.02))
        for at, text in enumerate(texts)
    )
    return Page(1, 1000, 1000, tuple(words))


MANY = ("Illicit", "Mammoth", "Window", "lily", "Hill", "Llama", "Million", "tilt", "Wimmin", "Little")
LETTERS = sorted(set("".join(MANY)))


def test_narrow_letters_take_less_of_a_box() -> None:
    wide = {"M": 20, "m": 20, "W": 22, "w": 17, "i": 5, "l": 5, "I": 6, "t": 6, "L": 13, "H": 17}
    printed = of_widths({char: wide.get(char, 13) for char in LETTERS}, *MANY)
    cut = Cutter(printed).part(printed.words[6], 3, 7)
    assert cut.text == "lion"
    assert cut.box[0] == pytest.approx(0.030, abs=0.004)


def test_a_typewriters_letters_take_equal_shares() -> None:
    printed = of_widths(dict.fromkeys(LETTERS, 12), *MANY)
    cut = Cutter(printed).part(printed.words[6], 3, 7)
    assert cut.box[0] == pytest.approx(0.036)


def test_a_word_that_runs_up_the_page_keeps_its_box() -> None:
    word = Word("RM11.40", (0.1, 0.1, 0.12, 0.4))
    assert Cutter(Page(1, 1000, 1000, (word,))).part(word, 2, 7) == Word("11.40", word.box)


@given(st.text("iMa1.,äЖ漢 ", min_size=1, max_size=12), st.data())
def test_the_parts_of_a_word_make_its_box(text: str, data: st.DataObject) -> None:
    word = Word("x".join(text.split()) or "x", (0.1, 0.1, 0.5, 0.12))
    cuts = sorted({0, len(word.text), *data.draw(st.lists(st.integers(0, len(word.text)), max_size=3))})
    parts = [Cutter(Page(1, 1000, 1000, (word,))).part(word, start, end) for start, end in pairwise(cuts)]
    assert "".join(part.text for part in parts) == word.text
    assert [part.box[0] for part in parts] == pytest.approx([0.1, *(part.box[2] for part in parts[:-1])])
    assert list(accumulate((part.box[2] for part in parts), max))[-1] == pytest.approx(0.5)
