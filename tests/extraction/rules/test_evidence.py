"""What the rules answer can be placed: they give the words that they read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ix.config import Settings
from ix.extraction.evidence import place
from ix.extraction.models import Leaf, Question
from ix.extraction.models.rules import Rules
from ix.extraction.models.rules.answer import answer
from ix.use_cases.invoice import USE_CASE as INVOICE
from ix.use_cases.receipt import USE_CASE as RECEIPT
from tests.extraction.rules.documents import page, plain

BILL = page(
    """
    Tischlerei Brandner GmbH · Gartenweg 7 · 83646 Bad Tölz

    Sabine Hollerbach
    Am Lindenhof 12
    80331 München
                                           Rechnungsnummer: 2021-0457
                                           Rechnungsdatum:  02.11.2021

    Pos.  Bezeichnung                Menge   Einzelpreis    Gesamtpreis
    1     Esstisch Eiche 220x100     1 Stk.   1.890,00 €     1.890,00 €

    Summe netto                                              1.890,00 €
    zzgl. 19 % MwSt.                                           359,10 €
    Gesamtbetrag                                             2.249,10 €
    """
)
TILL = page(
    """
    Bäckerei Kornblum
    Marktplatz 3
    72070 Tübingen
    SUMME EUR           8,80

    MwSt    Netto   Steuer  Brutto
    A 7%     5,51     0,39    5,90
    B 19%    2,44     0,46    2,90
    """
)


def nodes(evidence: Any) -> Iterator[dict[str, Any]]:
    if isinstance(evidence, dict) and "match" in evidence:
        yield evidence
    elif isinstance(evidence, dict | list):
        for member in evidence.values() if isinstance(evidence, dict) else evidence:
            yield from nodes(member)


def test_every_answer_is_placed_on_the_page() -> None:
    found = list(nodes(place(answer([BILL], INVOICE.schema), INVOICE.schema, [BILL]).evidence))
    assert len(found) >= 12
    assert {node["match"] for node in found} == {"exact"}
    assert all(node["boxes"] for node in found)


def test_an_address_has_a_box_for_each_line() -> None:
    evidence = place(answer([TILL], RECEIPT.schema), RECEIPT.schema, [TILL]).evidence
    assert len(evidence["address"]["boxes"]) == 2


def test_a_tax_added_up_is_derived_from_the_amounts_that_it_adds() -> None:
    tax = place(answer([TILL], RECEIPT.schema), RECEIPT.schema, [TILL]).evidence["tax"]
    assert (tax["method"], tax["quote"], len(tax["boxes"])) == ("derive", "0,39 0,46", 2)


@pytest.mark.parametrize("confidence", [0.5, 1.0])
def test_words_read_badly_lower_the_confidence(confidence: float) -> None:
    words = tuple(type(word)(word.text, word.box, confidence) for word in BILL.words)
    leaf = answer([type(BILL)(1, 595, 842, words)], INVOICE.schema)["invoice_number"]
    good = answer([BILL], INVOICE.schema)["invoice_number"]
    assert isinstance(leaf, Leaf)
    assert isinstance(good, Leaf)
    assert good.confidence is not None
    assert leaf.value == "2021-0457"
    assert leaf.confidence == pytest.approx(confidence * good.confidence, abs=0.01)


async def test_the_backend_answers_by_the_contract_of_backends() -> None:
    backend = Rules(Settings())
    found = await backend.ask(Question([BILL], INVOICE.schema))
    assert plain(found.values["grand_total"]) == 2249.1
    assert found.usage == {"model": "rules"}
    assert await backend.probe() == "ok"
    await backend.aclose()
