"""What became of each labelled value, and the figures of all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ix.cli.evaluating import comparison, labels, thresholds
from ix.cli.evaluating.asking import Outcome
from ix.cli.evaluating.figures import figures
from ix.cli.evaluating.judging import Judged, judged, listed
from ix.errors import IxError

FIELDS = {"company": "organisation", "date": "date", "total": "money", "iban": "iban"}
LISTS = {"items": {"name": "text", "amount": "money"}, "tags": {"": "text"}}
ASKED = labels.Asked("receipt", fields=FIELDS, lists=LISTS)


def node(confidence: float = 0.9, match: str = "exact") -> dict[str, Any]:
    return {"match": match, "confidence": confidence, "boxes": []}


def outcome(
    gold: dict[str, Any], result: dict[str, Any], printed: dict[str, bool] | None = None, **seen: Any
) -> Outcome:
    evidence = {name: node() for name in result} | seen
    return Outcome(labels.Label("a.pdf", gold, printed), ASKED, "1" * 16, {"result": result, "evidence": evidence})


def verdicts(found: Outcome, text: str = "") -> dict[str, str]:
    return {one.field: one.verdict for one in judged(found, lambda: text)}


@pytest.mark.parametrize(
    ("label", "answer", "seen", "text", "verdict"),
    [
        ("9.00", 9.0, node(), "", "right"),
        (["8", "9"], 9.0, node(), "", "right"),
        (None, None, None, "", "right"),
        ([None, "9"], None, None, "", "right"),
        ("9.00", None, None, "", "not_found"),
        (None, 9.0, node(), "9.00", "invented"),
        ("33.90", 38.90, node(), "TOTAL 38.90", "misread"),
        # the label is printed: another value was taken
        ("33.90", 38.90, node(), "CASH 38.90 TOTAL 33.90", "mistaken"),
        ("33.90", 5.25, node(), "5.25", "mistaken"),
        ("33.90", 38.90, node(0.0, "none"), "TOTAL 33.90", "fabricated"),
        # a source of its own is a place
        ("33.90", 5.25, {**node(1.0, "none"), "source": "xml"}, "", "mistaken"),
    ],
)
def test_what_became_of_a_value(label: Any, answer: Any, seen: Any, text: str, verdict: str) -> None:
    assert verdicts(outcome({"total": label}, {"total": answer}, total=seen), text) == {"total": verdict}


def test_a_name_that_ocr_read_in_other_letters_is_misread() -> None:
    found = outcome(
        {"company": "GARDENIA BAKERIES", "date": "2018-03-05"}, {"company": "GARDENLA BAKERIES", "date": "2018-03-06"}
    )
    assert verdicts(found, "GARDENLA BAKERIES 06.03.2018") == {"company": "misread", "date": "misread"}
    assert verdicts(found, "Gardenia Bakeries 05.03.2018") == {"company": "mistaken", "date": "mistaken"}


def test_only_what_is_labelled_and_printed_is_scored() -> None:
    found = outcome({"company": "A", "iban": None, "other": 1}, {"total": 9.0}, {"company": False})
    assert verdicts(found) == {"iban": "right"}


def test_lists_are_counted_by_row_and_cell() -> None:
    rows = [{"name": "Lid", "amount": "5"}, {"name": "Kettle", "amount": "7"}, {"unknown": 1}]
    given = [{"name": "Kettle", "amount": 8.0}, {"name": "Lid", "amount": 5.0}, {"name": "Cup", "amount": 1.0}]
    items, tags = listed(outcome({"items": rows, "tags": ["red", "blue"]}, {"items": given, "tags": ["Blue"]}))
    assert items == ("items", 2, 3, 2, {"name": (2, 2), "amount": (1, 2)})
    assert tags == ("tags", 2, 1, 1, {"": (1, 2)})


def test_figures_by_field_and_over_all() -> None:
    outcomes = [
        outcome(
            {"total": "9", "iban": None, "company": "Blue Kettle Trading"},
            {"total": 9.0, "company": "Blue Kettie Trading"},
        ),
        outcome({"total": "8", "iban": None}, {"total": None, "iban": "DE02"}),
        Outcome(labels.Label("b.pdf", {"total": "7"}), ASKED, problem="document_missing"),
    ]
    found = figures(outcomes, [one for each in outcomes for one in judged(each, str)], [])
    total, iban, company = (found["fields"][name] for name in ("total", "iban", "company"))
    assert (total["labelled"], total["answered"], total["precision"], total["recall"]) == (3, 1, 1.0, 0.3333)
    assert (total["exact"], total["not_found"], found["failed"]) == (0.3333, 2, {"document_missing": 1})
    assert (iban["labelled"], iban["exact"], iban["recall"], iban["invented"]) == (0, 0.5, None, 1)
    assert (company["exact"], company["close"], company["misread"]) == (0.0, 1.0, 1)
    # both of the first two are one file here
    assert (found["all"]["scored"], found["wholly_right"]) == (6, 0.0)
    assert found["confidence"]["values"] == 3


def test_thresholds_say_what_was_missed() -> None:
    found = figures([], [Judged("a", "total", "money", "right", "9", 9.0, 0.9, True)], [])
    assert list(thresholds.missed(found, [("total", 1.0), ("total.precision", 1.0), ("all", 0.5)])) == []
    [missed] = thresholds.missed(found, [("auroc", 0.86)])
    assert missed == "auroc: nothing to count, at least 0.86 was asked for"
    with pytest.raises(IxError, match="no figure tota;"):
        list(thresholds.missed(found, [("tota", 1.0)]))


def run(rights: list[bool], field: str = "total") -> dict[str, Any]:
    return {
        "values": [
            {"file": f"{at}", "field": field, "verdict": "right" if one else "mistaken"}
            for at, one in enumerate(rights)
        ]
    }


def test_two_runs_are_compared_document_by_document() -> None:
    [total, over_all] = comparison.differences(
        run([True] * 40 + [False] * 10), run([False] * 25 + [True] * 15 + [False] * 10)
    )
    assert (total.this, total.other, total.values) == (0.8, 0.3, 50)
    assert total.low < 0.5 < total.high
    assert total.is_clear
    assert over_all[1:] == total[1:]
    [none, _] = comparison.differences(run([True, False] * 10), run([False, True] * 10))
    assert not none.is_clear
    with pytest.raises(IxError, match="share no"):
        comparison.differences(run([True]), run([True], "date"))


def test_labels_that_are_none_are_told_by_their_line(tmp_path: Path) -> None:
    with pytest.raises(IxError, match=r"gold\.jsonl does not exist"):
        labels.read(tmp_path)
    (tmp_path / "a.txt").touch()
    for line, said in (
        ("{", "line 2"),
        ('{"file": "a.txt"}', "is not such as"),
        ('{"file": "b", "gold": {}}', "not a file"),
    ):
        (tmp_path / "gold.jsonl").write_text('{"file": "a.txt", "gold": {"total": 1}}\n' + line)
        with pytest.raises(IxError, match=said):
            labels.read(tmp_path)
