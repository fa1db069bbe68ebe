"""Placing values on pages: which words, how well, and what is said when there are none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ix.extraction.evidence import Placed, place
from ix.extraction.models import Leaf, Tree
from ix.extraction.page import Page, Word

LINE = 0.02


def page(*rows: str, number: int = 1, document: int = 0, **word: Any) -> Page:
    """A page of text on a grid: characters are 1/80 of the width, so that spaces in a row set columns apart."""
    words = [w for at, row in enumerate(rows) for w in _row(row, 0.05 + 1.5 * LINE * at, **word)]
    return Page(number, 800, 1000, tuple(words), document=document)


def _row(row: str, top: float, **word: Any) -> list[Word]:
    starts = [at for at, char in enumerate(row) if char != " " and (at == 0 or row[at - 1] == " ")]
    texts = row.split()
    return [
        Word(text, (at / 80, top, (at + len(text)) / 80, top + LINE), **word)
        for at, text in zip(starts, texts, strict=True)
    ]


def schema(**kinds: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {name: _spec(kind) for name, kind in kinds.items()}}


def _spec(kind: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(kind, dict):
        return kind
    number = kind in ("money", "number", "percentage")
    return {"type": "number" if number else "string", "x-ix": {"kind": kind}}


def placed(kind: str, value: Any, quote: str | None, *pages: Page, **leaf: Any) -> Placed:
    return place({"it": Leaf(value, quote, **leaf)}, schema(it=kind), pages)


def node(*args: Any, **leaf: Any) -> dict[str, Any]:
    found = placed(*args, **leaf).evidence["it"]
    assert isinstance(found, dict)
    return found


def top(row: int) -> float:
    return round(0.05 + 1.5 * LINE * row, 4)


def codes(found: Placed) -> list[tuple[str, str]]:
    return [(finding.code, finding.path) for finding in found.findings]


# how a quote is found


def test_a_quote_is_found_letter_by_letter() -> None:
    found = node("organisation", "Blue Kettle Ltd", "Blue Kettle Ltd", page("The Blue Kettle Ltd shop"))
    assert found == {
        "method": "extract",
        "match": "exact",
        "document": 0,
        "page": 1,
        "quote": "Blue Kettle Ltd",
        "boxes": [[0.05, 0.05, 0.2375, 0.07]],
        "confidence": 1.0,
    }


@pytest.mark.parametrize(
    ("quote", "printed"),
    [
        ("blue kettle ltd", "BLUE KETTLE LTD"),
        ("Blue Kettle, Ltd.", "Blue Kettle Ltd"),
        ("Müller GmbH", "MULLER GMBH"),
        ("ﬁne foods", "fine foods"),
        ("Blue Kettle", "BlueKettle"),
    ],
)
def test_case_punctuation_accents_and_spaces_are_overlooked(quote: str, printed: str) -> None:
    assert node("organisation", quote, quote, page(f"at {printed} here"))["match"] == "normalised"


def test_a_word_broken_at_the_end_of_a_line_is_whole() -> None:
    found = node("text", "Rechnungsnummer", "Rechnungsnummer", page("Ihre Rech-", "nungsnummer"))
    assert found["match"] == "normalised"
    assert len(found["boxes"]) == 2


def test_a_wrong_letter_makes_text_fuzzy() -> None:
    found = node("organisation", "Blue Kettle Trading", "Blue Kettle Trading", page("Blue Kettie Trading"))
    assert found["match"] == "fuzzy"
    assert 0.8 < found["confidence"] < 0.9


def test_other_text_is_not_fuzzy() -> None:
    found = placed("organisation", "Blue Kettle Trading", "Blue Kettle Trading", page("Green Bottle Shipping"))
    assert found.evidence["it"] == {
        "method": "extract",
        "match": "none",
        "document": None,
        "page": None,
        "quote": "Blue Kettle Trading",
        "boxes": [],
        "confidence": 0.0,
    }
    assert codes(found) == [("value_not_found", "it")]
    assert found.result == {"it": "Blue Kettle Trading"}


@pytest.mark.parametrize(
    ("kind", "value", "quote", "printed"),
    [
        ("money", 12.60, "12.60", "12.50"),
        ("date", "2019-03-06", "2019-03-06", "2019-03-05"),
        ("identifier", "INV-20431", "INV-20431", "INV-20432"),
        ("iban", "DE02120300000000202051", "DE02120300000000202051", "DE02120300000000202052"),
    ],
)
def test_one_other_digit_is_another_value(kind: str, value: Any, quote: str, printed: str) -> None:
    assert node(kind, value, quote, page(f"x {printed} y"))["match"] == "none"


@pytest.mark.parametrize(
    ("kind", "value", "quote", "printed"),
    [
        ("money", 10.5, "10.50", "1O.5O"),
        ("identifier", "INV-1001", "INV-1001", "INV-IOO1"),
    ],
)
def test_letters_that_ocr_takes_for_digits_are_undone(kind: str, value: Any, quote: str, printed: str) -> None:
    found = node(kind, value, quote, page(f"x {printed} y"))
    assert (found["match"], found["quote"]) == ("fuzzy", printed)


@pytest.mark.parametrize("printed", ["112.50", "12.505", "1,12.50", "12.50%"])
def test_a_number_is_not_cut_out_of_a_longer_one(printed: str) -> None:
    assert node("money", 12.5, "12.50", page(f"Total {printed} paid"))["match"] == "none"


@pytest.mark.parametrize("printed", ["12.50-", "-12.50"])
def test_a_number_without_its_minus_is_derived(printed: str) -> None:
    found = node("money", 12.5, "12.50", page(f"Paid {printed} before"))
    assert (found["method"], found["quote"]) == ("derive", printed)


def test_a_date_glued_to_a_number_is_found() -> None:
    assert node("date", "2018-01-18", None, page("#19-18/01/2018 till 2"))["quote"] == "18/01/2018"


@pytest.mark.parametrize("printed", ["EUR12.50", "12.50.", "*12.50*", "RM 12.50", "$12.50"])
def test_what_stands_around_a_number_does_not_matter(printed: str) -> None:
    assert node("money", 12.5, None, page(f"Total {printed} paid"))["quote"] == "12.50"


# values in another writing


@pytest.mark.parametrize(
    ("kind", "value", "printed"),
    [
        ("money", 1234.56, "1.234,56"),
        ("money", 1234.56, "1 234,56"),
        ("money", "1234.56", "1,234.56"),
        ("money", -5.0, "5.00-"),
        ("date", "2019-03-05", "5. März 2019"),
        ("date", "2019-03-05", "05/03/2019"),
        ("date", "2019-03-05", "March 5, 2019"),
        ("number", 3, "3"),
        ("iban", "DE02120300000000202051", "DE02 1203 0000 0000 2020 51"),
    ],
)
def test_a_value_with_no_quote_is_found_as_it_is_printed(kind: str, value: Any, printed: str) -> None:
    found = node(kind, value, None, page(f"Summe: {printed} und mehr"))
    assert (found["method"], found["quote"]) == ("extract", printed)
    assert found["match"] in ("normalised", "exact")


def test_a_quote_in_another_writing_supports_the_value() -> None:
    found = node("date", "2019-03-05", "5. März 2019", page("Berlin, 5. März 2019"))
    assert (found["method"], found["match"], found["quote"]) == ("extract", "exact", "5. März 2019")


def test_a_wrong_quote_does_not_hide_a_value_that_is_printed() -> None:
    found = placed("money", 1234.56, "EUR 1234.56", page("Total 1.234,56"))
    assert found.evidence["it"]["quote"] == "1.234,56"
    assert found.findings == ()


# does the value follow from the quote?


@pytest.mark.parametrize(
    ("kind", "value", "quote"),
    [
        ("currency", "EUR", "€"),
        ("currency", "MYR", "RM12.50"),
        ("percentage", 0.19, "19%"),
        ("money", 30.0, "10.00 + 20.00"),
        ("boolean", True, "paid"),
    ],
)
def test_what_follows_without_being_printed_is_derived(kind: str, value: Any, quote: str) -> None:
    found = node(kind, value, quote, page(f"so {quote} it is"))
    assert (found["method"], found["match"]) == ("derive", "exact")


@pytest.mark.parametrize(
    ("kind", "value", "quote"),
    [
        ("money", 99.0, "Total 12.50"),
        ("date", "2020-01-01", "5. März 2019"),
        ("currency", "USD", "€"),
        ("identifier", "A-17", "B-18"),
        ("organisation", "Blue Kettle Ltd", "Green Bottle"),
        ("address", "12 Long Lane, 81100 Johor", "Johor"),
    ],
)
def test_a_value_that_its_quote_does_not_say_has_no_evidence(kind: str, value: Any, quote: str) -> None:
    found = placed(kind, value, quote, page(f"so {quote} it is"))
    assert (found.evidence["it"]["match"], found.evidence["it"]["boxes"]) == ("none", [])
    assert codes(found) == [("value_not_in_quote", "it")]
    assert found.result == {"it": value}


def test_a_backend_may_say_that_it_derived() -> None:
    found = node("text", "paid", "paid", page("paid"), derived=True)
    assert (found["method"], found["confidence"]) == ("derive", 0.9)


# hidden text


def test_a_hidden_word_never_supports_a_value() -> None:
    visible, hidden = page("Total 12.50"), page("", "", "Total 99.00", hidden=True)
    both = Page(1, 800, 1000, visible.words + hidden.words)
    found = placed("money", 99.0, "99.00", both)
    assert found.evidence["it"]["match"] == "none"
    assert codes(found) == [("hidden_text", "it")]


def test_a_hint_at_hidden_words_is_not_followed() -> None:
    hidden = page("99.00", hidden=True)
    assert node("money", 99.0, "99.00", hidden, page=0, words=(0,))["match"] == "none"


# hints


def test_a_hint_is_used_when_it_holds() -> None:
    found = node("money", 5.0, "5.00", page("5.00 a", "5.00 b"), page=0, words=(2,))
    assert found["boxes"][0][1] == top(1)


@pytest.mark.parametrize(
    "hint",
    [{"page": 0, "words": (1,)}, {"page": 7, "words": (0,)}, {"page": 0, "words": (99,)}, {"page": 0, "words": ()}],
)
def test_a_hint_that_does_not_hold_is_not_used(hint: dict[str, Any]) -> None:
    assert node("money", 5.0, "5.00", page("5.00 b"), **hint)["quote"] == "5.00"


# several lines, columns, pages


def test_an_address_gets_one_box_a_line() -> None:
    address = "12 Long Lane, 81100 Johor, Malaysia"
    found = node("address", address, address, page("Blue Kettle", "12 Long Lane,", "81100 Johor,", "Malaysia", "Tel 1"))
    assert [box[1] for box in found["boxes"]] == [top(1), top(2), top(3)]


def test_an_address_beside_another_column_stays_together() -> None:
    rows = (
        "Blue Kettle Ltd           Invoice  4711",
        "12 Long Lane              Date     5 March",
        "81100 Johor               Page     1",
    )
    found = node("address", "12 Long Lane 81100 Johor", "12 Long Lane 81100 Johor", page(*rows))
    assert found["match"] == "exact"
    assert [box[2] for box in found["boxes"]] == [0.15, 0.1375]


def test_page_and_document_are_told() -> None:
    pages = (page("one"), page("two", number=2), page("three", document=1))
    found = node("text", "three", "three", *pages)
    assert (found["document"], found["page"]) == (1, 1)


# choosing


def labelled(**labels: str) -> dict[str, Any]:
    return schema(
        **{name: {"type": "number", "x-ix": {"kind": "money", "labels": [label]}} for name, label in labels.items()}
    )


def test_the_occurrence_beside_the_label_is_chosen() -> None:
    found = place(
        {"total": Leaf(12.5, "12.50")}, labelled(total="total"), [page("Tea 12.50", "Total 12.50", "Cash 12.50")]
    )
    assert found.evidence["total"]["boxes"][0][1] == top(1)


def test_the_total_of_subtotal_is_not_the_total() -> None:
    values: dict[str, Tree] = {"total": Leaf(12.5, "12.50"), "net": Leaf(12.5, "12.50")}
    found = place(
        values, labelled(total="total", net="sub total"), [page("Sub Total 12.50", "Tax 0.00", "Total 12.50")]
    )
    assert [found.evidence[name]["boxes"][0][1] for name in ("total", "net")] == [top(2), top(0)]


def test_two_values_do_not_share_words_if_they_need_not() -> None:
    values: dict[str, Tree] = {"a": Leaf("x1", "x1"), "b": Leaf("x1", "x1")}
    found = place(values, schema(a="text", b="text"), [page("x1 and x1")])
    assert found.evidence["a"]["boxes"] != found.evidence["b"]["boxes"]


def test_the_first_page_wins_when_nothing_else_decides() -> None:
    assert node("text", "same", "same", page("same"), page("same", number=2))["page"] == 1


def test_each_row_finds_its_own_words() -> None:
    rows = {"type": "array", "items": schema(name="text", quantity="number", amount="money")}
    printed = page("Tea    1  2.50", "Cake   1  2.50", "Bread  2  5.00", "Total     10.00")
    values: list[Tree] = [
        {"name": Leaf(name, name), "quantity": Leaf(quantity, str(quantity)), "amount": Leaf(amount, f"{amount:.2f}")}
        for name, quantity, amount in (("Tea", 1, 2.5), ("Cake", 1, 2.5), ("Bread", 2, 5.0))
    ]
    found = place({"lines": values}, schema(lines=rows), [printed])
    tops = [[row[name]["boxes"][0][1] for name in ("name", "quantity", "amount")] for row in found.evidence["lines"]]
    assert tops == [[top(0)] * 3, [top(1)] * 3, [top(2)] * 3]


# shape


def test_null_has_no_evidence() -> None:
    found = place({"it": Leaf(None, "whatever")}, schema(it="text"), [page("whatever")])
    assert (found.result, found.evidence, found.findings) == ({"it": None}, {"it": None}, ())


def test_what_the_backend_left_out_is_null() -> None:
    rows = {"type": "array", "items": schema(a="text")}
    found = place({"b": Leaf("x", "x")}, schema(a="text", b="text", c=rows, d=schema(e="text")), [page("x")])
    assert found.result == {"a": None, "b": "x", "c": [], "d": {"e": None}}
    assert list(found.evidence) == ["a", "b", "c", "d"]


def test_ocr_doubt_and_the_backends_doubt_lower_the_confidence() -> None:
    assert node("text", "tea", "tea", page("tea", confidence=0.8), confidence=0.5)["confidence"] == 0.4


def test_no_pages_is_no_evidence() -> None:
    assert node("text", "tea", "tea")["match"] == "none"


# properties

texts = st.text(st.sampled_from("abcxyzÄé01259.,-/:€§"), min_size=1, max_size=8)
rows_of_words = st.lists(st.lists(texts, min_size=1, max_size=5), min_size=1, max_size=6)


def laid_out(rows: list[list[str]], gap: float) -> Page:
    words = [
        Word(text, (x * (0.1 + gap), 0.1 * y, min(x * (0.1 + gap) + 0.1, 1.02), 0.1 * y + 0.05))
        for y, row in enumerate(rows)
        for x, text in enumerate(row)
    ]
    return Page(1, 700, 1000, tuple(words))


@given(rows_of_words, st.floats(0, 0.1), st.data())
def test_consecutive_words_are_found_exactly_where_they_stand(
    rows: list[list[str]], gap: float, data: st.DataObject
) -> None:
    printed = laid_out(rows, gap)
    start = data.draw(st.integers(0, len(printed.words) - 1))
    end = data.draw(st.integers(start + 1, len(printed.words)))
    marked = [Word(f"w{i}{word.text}w", word.box) for i, word in enumerate(printed.words)]
    quote = " ".join(word.text for word in marked[start:end])
    found = node("text", quote, quote, Page(1, 700, 1000, tuple(marked)))
    assert (found["match"], found["quote"]) == ("exact", quote)
    lefts, tops = (
        {round(word.box[0], 4) for word in marked[start:end]},
        {round(word.box[1], 4) for word in marked[start:end]},
    )
    assert {box[1] for box in found["boxes"]} == tops
    assert {box[0] for box in found["boxes"]} <= lefts


@given(rows_of_words, texts, st.sampled_from(["text", "address", "money", "date", "currency", "identifier"]))
def test_boxes_lie_on_the_page(rows: list[list[str]], quote: str, kind: str) -> None:
    found = node(kind, quote, None, laid_out(rows, 0.1))
    assert (found["match"] == "none") == (found["boxes"] == [])
    assert all(0 <= x0 <= x1 <= 1 and 0 <= y0 <= y1 <= 1 for x0, y0, x1, y1 in found["boxes"])
    assert 0 <= found["confidence"] <= 1
