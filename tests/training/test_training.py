"""Training: on a tiny made-up set, where what is right is known."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ix.extraction.models.rules.weighing.scorer import WEIGHTS, Scorer, digest, margin
from ix.extraction.page import Page, ReadPage
from training import fitting
from training.__main__ import write
from training.documents import MADE_UP, OTHER_LAYOUTS, Labelled, labelled
from training.documents import read as read_pages
from training.documents import write as write_pages
from training.generated import invented
from training.tasks import Decision, Task, all_tasks, decision
from training.trials import by_issuer, judged, table, trials

FEATURES = ("speaks_for", "speaks_against", "says_nothing")


def made_up(count: int = 60, seed: int = 1) -> list[Decision]:
    """Decisions among four candidates, of which the one with most for it and least against it is right."""
    chance = random.Random(seed)
    found = []
    for number in range(count):
        vectors = [(chance.random(), chance.random(), chance.random()) for _ in range(4)]
        best = max(range(4), key=lambda at: vectors[at][0] - vectors[at][1])
        document = Labelled(f"{number}", "a mill", f"issuer {number % 9}", (), {"name": str(best)})
        found.append(decision(document, "name", ["0", "1", "2", "3"], vectors, [vector[2] for vector in vectors]))
    return found


def task(form: str) -> Task:
    return Task("made_up", FEATURES, lambda document: iter(()), form)


@pytest.fixture(params=["logistic", "trees"])
def form(request: pytest.FixtureRequest) -> str:
    if request.param == "trees":
        request.getfixturevalue("lightgbm")
    found: str = request.param
    return found


@pytest.fixture
def lightgbm() -> None:
    pytest.importorskip("lightgbm", reason="lightgbm is in the dependency group `train`")


def test_weights_are_the_same_each_time(form: str, tmp_path: Path) -> None:
    write(tmp_path, task(form), made_up())
    first = (tmp_path / "made_up.json").read_bytes()
    write(tmp_path, task(form), made_up())
    assert (tmp_path / "made_up.json").read_bytes() == first
    made = json.loads(first)["made"]
    assert (made["sets"], made["decisions"], made["candidates"], made["right"]) == ({"a mill": 60}, 60, 240, 60)


def test_what_is_learned_chooses_better_on_issuers_that_were_kept_apart(form: str) -> None:
    outcomes = trials(task(form), made_up(180), by_issuer)
    assert len(outcomes) > 2
    decisions, possible, by_hand, learned = (sum(column) for column in zip(*outcomes.values(), strict=True))
    assert decisions == possible == 180
    assert learned >= 0.7 * decisions > 0.4 * decisions > by_hand


@pytest.mark.usefixtures("lightgbm")
def test_trees_say_what_lightgbm_says() -> None:
    decisions = made_up(120)
    rows = np.array([vector for one in decisions for vector in one.vectors])
    model = fitting.boosted(rows, np.array([float(right) for one in decisions for right in one.right]))
    weights = {"features": FEATURES, "digest": digest(FEATURES), "trees": fitting.flat(model.dump_model())}
    # more rows than are scored at once, and values on both sides of those that were seen
    asked = np.random.default_rng(2).uniform(-0.5, 1.5, (1200, 3))
    assert Scorer(weights).probabilities(asked.tolist()) == pytest.approx(model.predict(asked).tolist(), abs=1e-12)


def test_a_tree_that_asks_for_missing_values_is_refused() -> None:
    leaf = {"leaf_value": 1.0}
    node = {"split_feature": 0, "threshold": 1.0, "decision_type": "<=", "left_child": leaf, "right_child": leaf}
    assert fitting.flat({"tree_info": [{"tree_structure": {**node, "missing_type": "None"}}]})["depth"] == 1
    for other in ({"missing_type": "NaN"}, {"missing_type": "None", "decision_type": "=="}):
        with pytest.raises(ValueError, match="missing values or categories"):
            fitting.flat({"tree_info": [{"tree_structure": {**node, **other}}]})


def test_weights_of_other_features_are_refused() -> None:
    weights = fitting.fitted(task("logistic"), made_up(20))
    with pytest.raises(ValueError, match="fitted for other features"):
        Scorer({**weights, "features": ("another", *FEATURES[1:])})


def test_the_margin_is_that_to_the_runner_up() -> None:
    assert margin([0.2, 0.9, 0.6]) == pytest.approx(0.3)
    assert (margin([0.7]), margin([])) == (0.7, 0.0)


def test_the_weights_in_the_package_are_for_the_features_that_are_computed() -> None:
    tasks = all_tasks()
    assert {f"{one.name}.json" for one in tasks} == {path.name for path in WEIGHTS.glob("*")}
    for one in tasks:
        assert Scorer.load(one.name, one.features).probabilities([(0.0,) * len(one.features)])
        with pytest.raises(ValueError, match="run python -m training"):
            Scorer.load(one.name, (*one.features, "another"))


def test_a_misread_candidate_is_at_the_right_place_and_not_right() -> None:
    document = Labelled("1", "a mill", "", (), {"name": ["Harbour Paper Company", "Harbour"], "other": None})
    found = decision(document, "name", ["Harb0ur Paper Company", "Paper mill"], [(0.0,), (0.0,)], [0.1, 0.2])
    assert (found.right, found.placed) == ([False, False], [True, False])
    assert judged(Scorer(fitting.fitted(Task("x", ("one",), lambda _: iter(())), [found])), [found]).possible == 0
    assert decision(document, "other", ["Paper mill"], [(0.0,)], [0.1]).placed == [False]


def test_the_table_tells_folds_apart() -> None:
    lines = list(table(task("logistic"), made_up()))
    assert lines[0] == "made_up (logistic, 3 features)"
    assert sum("issuers" in line for line in lines) > 2
    assert any("all of these" in line and "    60   100.0%" in line for line in lines)


def test_documents_of_other_layouts_are_judged_and_never_trained_on() -> None:
    decisions = made_up()
    document = Labelled("x", OTHER_LAYOUTS, "x", (), {"name": "0"})
    # were it trained on, what speaks against would speak for
    other = [decision(document, "name", ["0", "1"], [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)], [0.1, 0.2])] * 2000
    found = trials(task("logistic"), [*decisions, *other], by_issuer)
    assert found.pop(f"name, {OTHER_LAYOUTS}") == (2000, 2000, 0, 0)
    assert found == trials(task("logistic"), decisions, by_issuer)
    assert any(line.split()[:4] == ["name,", "all", "of", "these"] and " 60 " in line for line in
               table(task("logistic"), [*decisions, *other]))  # fmt: skip


def test_what_was_made_up_counts_as_its_task_says() -> None:
    def against(weight: float) -> float:
        document = Labelled("x", MADE_UP, "x", (), {"name": "0"})
        other = [decision(document, "name", ["0", "1"], [(0.0, 1.0, 0.0), (1.0, 0.0, 0.0)], [0.1, 0.2])] * 20
        asked = replace(task("logistic"), weight=weight)
        weights: float = fitting.fitted(asked, [*made_up(), *other])["logistic"]["weights"][1]
        return weights

    assert against(0.0) < against(0.5) < against(1.0)


def test_made_up_documents_teach_beside_labelled_ones() -> None:
    (counterparts,) = (one for one in all_tasks() if one.name == "counterparts")
    found = invented(replace(counterparts, made_up=4, generated=3))
    assert [one.origin for one in found] == [MADE_UP] * 7
    assert all(one.values("buyer_name") and one.pages for one in found)
    assert invented(replace(counterparts, made_up=4, generated=3)) is found


def test_labels_with_identifiers_are_right_by_the_name_alone(tmp_path: Path) -> None:
    (tmp_path / "invoices").mkdir()
    (tmp_path / "invoices" / "1.txt").write_bytes(b"Acme Ltd")
    gold = {"seller_name": "GLN 4711\nNo: 12\nAcme Ltd"}
    (tmp_path / "invoices" / "gold.jsonl").write_text(json.dumps({"file": "1.txt", "gold": gold}) + "\n")
    (found,) = labelled(tmp_path, tmp_path / "pages")
    assert found.right("seller_name", "text", "ACME LTD")
    assert not found.right("seller_name", "text", "GLN 4711")


def test_labelled_documents_keep_what_is_printed_and_their_pages(tmp_path: Path) -> None:
    folder, kept = tmp_path / "data" / "invoices", tmp_path / "pages"
    (folder / "documents").mkdir(parents=True)
    (folder / "documents" / "1.txt").write_bytes(b"Acme Ltd\nInvoice 4711")
    gold = {"seller_name": "Acme Ltd", "buyer_name": "Nobody", "iban": None}
    label = {"file": "documents/1.txt", "gold": gold, "printed": {"seller_name": True}, "source": "mill"}
    (folder / "gold.jsonl").write_text(json.dumps(label) + "\n")
    found = labelled(tmp_path / "data", kept)
    assert [(one.name, one.origin, one.issuer) for one in found] == [("invoices/1.txt", "invoices:mill", "acmeltd")]
    assert found[0].gold == {"seller_name": "Acme Ltd", "iban": None}
    assert found[0].is_invoice
    assert [word.text for page in found[0].pages for word in page.words] == ["Acme", "Ltd", "Invoice", "4711"]

    # pages that were read are taken from there
    (path,) = kept.iterdir()
    other = ReadPage(1, 595, 842, b'[["Other",0.1,0.1,0.2,0.2]]', warnings=("a warning",))
    write_pages(path, [other])
    assert list(read_pages(path)) == [other]
    assert [word.text for word in labelled(tmp_path / "data", kept)[0].pages[0].words] == ["Other"]
    assert isinstance(found[0].pages[0], Page)
