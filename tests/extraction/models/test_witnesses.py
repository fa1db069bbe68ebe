"""Rules and model as two witnesses: what agrees, what does not, and what is done where one is not heard."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from ix.config import Settings
from ix.config.choices import plugins, server_of
from ix.errors import ConfigError
from ix.extraction import models
from ix.extraction.models import Answer, Leaf, Tree
from ix.extraction.models._agreement import Hearing, same
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.job import Response
from ix.use_cases.receipt import USE_CASE as RECEIPT_CASE
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.questions import question
from tests.extraction.models.serving import dead_address

TEXT = "CORNER SHOP LTD\n12 High Street, London\n\nDate: 05/03/2024\n\nTea     2.50\nMilk    1.20\n\nTOTAL   3.70\n"
SCHEMA = {
    "type": "object",
    "properties": {
        "company": {"type": "string", "x-ix": {"kind": "organisation"}},
        "total": {"type": "number", "x-ix": {"kind": "money"}},
        "shop": {"type": "object", "properties": {"city": {"type": "string"}}},
        "items": {"type": "array", "items": {"type": "object", "properties": {"price": {"type": "number"}}}},
    },
}


def heard(rules: Mapping[str, Tree], model: Mapping[str, Tree]) -> tuple[dict[str, Any], list[tuple[Any, ...]]]:
    """What both say, and code, path and values of each finding."""
    hearing = Hearing(SCHEMA)
    values = hearing.agreed(rules, model)
    return values, [(one.code, one.path, one.params["value"], one.params["other"]) for one in hearing.findings]


def sure(value: Any, confidence: float, witness: Any, **more: Any) -> Leaf:
    nearly: Any = pytest.approx(confidence)
    return Leaf(value, confidence=nearly, witness=witness, **more)


class TestHearing:
    def test_what_both_say_is_surer_and_stays_where_the_rules_found_it(self) -> None:
        rules = Leaf(12.5, "12,50", 0, (3,), 0.6)
        values, findings = heard({"total": rules}, {"total": Leaf(12.50)})
        assert values["total"] == sure(12.5, 0.84, "agreed", quote="12,50", page=0, words=(3,))
        assert findings == []

    def test_a_difference_is_a_finding_with_both_values_and_the_rules_stay(self) -> None:
        values, findings = heard({"total": Leaf(12.5, confidence=0.8)}, {"total": Leaf(10.0)})
        assert values["total"] == sure(12.5, 0.48, "disagreed")
        assert findings == [("disagreement", "total", "12.5", "10.0")]

    @pytest.mark.parametrize(("confidence", "kept"), [(0.4, "B"), (0.7, "A")])
    def test_of_texts_that_the_rules_doubt_the_model_knows_more(self, confidence: float, kept: str) -> None:
        values, findings = heard({"company": Leaf("A", confidence=confidence)}, {"company": Leaf("B")})
        assert values["company"].value == kept
        assert findings == [("disagreement", "company", kept, "A" if kept == "B" else "B")]

    def test_what_one_says_alone_is_taken_and_less_sure(self) -> None:
        values, findings = heard({"total": Leaf(1, confidence=0.8), "company": Leaf(None)}, {"company": Leaf("B")})
        assert (values["total"], values["company"]) == (sure(1, 0.76, "alone"), sure("B", 0.7, "alone"))
        assert (values["shop"]["city"], values["items"], findings) == (Leaf(None), [], [])

    def test_as_many_rows_are_heard_cell_by_cell(self) -> None:
        rules: dict[str, Tree] = {"items": [{"price": Leaf(1)}, {"price": Leaf(2)}]}
        values, findings = heard(rules, {"items": [{"price": Leaf(1)}, {"price": Leaf(5)}]})
        assert [row["price"].witness for row in values["items"]] == ["agreed", "disagreed"]
        assert findings == [("disagreement", "items.1.price", "2", "5")]

    def test_of_other_numbers_of_rows_those_of_the_rules_stay(self) -> None:
        values, findings = heard({"items": [{"price": Leaf(1)}]}, {"items": [{"price": Leaf(1)}, {"price": Leaf(2)}]})
        assert values["items"] == [{"price": Leaf(1, witness="disagreed")}]
        assert findings == [("disagreement", "items", 1, 2)]

    @pytest.mark.parametrize(
        ("one", "other", "equal"),
        [
            (12.5, 12.50, True),
            (7, 7.0, True),
            ("Müller GmbH", "MULLER  GMBH.", True),
            ("4711", 4711, True),
            (True, 1, False),
            ("A", "B", False),
            (1, 2, False),
        ],
    )
    def test_what_is_the_same(self, one: object, other: object, equal: bool) -> None:
        assert same(one, other) is equal


class TestSettings:
    @pytest.mark.parametrize("name", [name for name in plugins("extraction/models") if name != "rules"])
    async def test_every_server_may_be_asked_beside_the_rules(self, name: str) -> None:
        backend = models.load(Settings(extractor=f"rules+{name}", model="any"))
        assert (backend.name, server_of(backend.name)) == (f"rules+{name}", name)
        await backend.aclose()

    @pytest.mark.parametrize("name", ["rules+rules", "ollama+rules", "rules+", "rules+nobody"])
    def test_other_pairs_are_refused(self, name: str) -> None:
        with pytest.raises(ConfigError, match="IX_EXTRACTOR"):
            Settings.from_env({"IX_EXTRACTOR": name, "IX_MODEL": "any"})

    def test_the_model_has_to_be_named(self) -> None:
        with pytest.raises(ConfigError, match="IX_MODEL"):
            Settings.from_env({"IX_EXTRACTOR": "rules+ollama"})

    @pytest.mark.parametrize("text", ["[]", "7", "{", "x"])
    def test_what_is_added_to_requests_is_an_object(self, text: str) -> None:
        with pytest.raises(ConfigError, match="IX_MODEL_EXTRA_BODY"):
            Settings.from_env({"IX_MODEL_EXTRA_BODY": text})


async def extracted(url: str) -> Response:
    settings = Settings(
        extractor="rules+ollama", model=MODEL, ollama_url=url, ocr="off", reader_workers=1, answer_workers=1
    )
    extractor = Extractor.create(settings)
    try:
        return await extractor.extract([Document(TEXT.encode(), "a.txt", "text/plain")], RECEIPT_CASE.schema)
    finally:
        await extractor.stop()


class TestWholeJob:
    async def test_both_are_heard_and_a_difference_is_a_point_of_the_review(self, ollama: FakeOllama) -> None:
        ollama.content = json.dumps({"company": "Corner Shop Ltd", "date": "2024-03-05", "total": 2.5, "items": []})
        response = await extracted(ollama.url)
        result: Any = response.result
        evidence: Any = response.evidence
        assert (result["company"], result["total"]) == ("CORNER SHOP LTD", 3.7)
        assert evidence["company"]["boxes"]
        [found] = [one for one in response.warnings if one.path == "total"]
        assert (found.code, found.params["value"], found.params["other"]) == ("disagreement", "3.7", "2.5")
        assert "total" in {point.path for point in response.points}
        assert response.usage["witnesses"] == "rules+ollama"
        # nothing of what the rules say was shown to it
        assert all(len(sent["messages"]) == 2 for sent in ollama.asked)


class TestNotHeard:
    async def test_where_the_server_is_down_the_rules_answer_alone_and_say_so(self) -> None:
        answer = await asked(dead_address())
        assert [leaf.value for leaf in [answer.values["total"]] if isinstance(leaf, Leaf)] == [3.7]
        [found] = answer.findings
        assert found.code == "witness_missing"
        assert "IX_OLLAMA_URL" in found.message

    async def test_so_they_do_where_its_answer_cannot_be_read(self, ollama: FakeOllama) -> None:
        ollama.content = "I would rather not."
        answer = await asked(ollama.url)
        assert [one.code for one in answer.findings] == ["witness_missing"]
        assert answer.values["total"] != Leaf(None)

    async def test_so_they_do_where_the_document_cannot_be_asked_about(self, ollama: FakeOllama) -> None:
        answer = await asked(ollama.url, model_context=4_200)
        assert [one.code for one in answer.findings] == ["witness_missing"]
        assert ollama.asked == []


async def asked(url: str, **changes: object) -> Answer:
    common = {"extractor": "rules+ollama", "model": MODEL, "ollama_url": url}
    backend = models.load(Settings.model_validate({**common, **changes}))
    try:
        return await backend.ask(question(TEXT, RECEIPT_CASE.schema))
    finally:
        await backend.aclose()
