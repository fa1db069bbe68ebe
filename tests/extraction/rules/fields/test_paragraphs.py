"""The lines that a name stands among: what they say of whose it is."""

from __future__ import annotations

import pytest

from ix.extraction.models.rules.fields.naming import FEATURES, described
from ix.extraction.models.rules.fields.paragraphs import is_name_key
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.parties import heading
from tests.extraction.rules.documents import invoice, page


def signs(text: str, name: str) -> dict[str, float]:
    """The signs of the first name of the page that is called so."""
    found = described(Reading([page(text)]))
    vector = next(vector for one, vector in found if one.text == name)
    return dict(zip(FEATURES, vector, strict=True))


LETTER = """
Ashdown Joinery Ltd
4 Mill Lane
Lewes BN7 2AD
Tel. 01273 445566

Harbourside Hotels
9 Marine Parade
Brighton BN2 1TL

Description               Quantity       Amount
Window seat               1              200.00

Ashdown Joinery Ltd, 4 Mill Lane, Lewes BN7 2AD
"""


def test_the_issuer_tells_how_to_reach_it_and_stands_there_again() -> None:
    own, other = signs(LETTER, "Ashdown Joinery Ltd"), signs(LETTER, "Harbourside Hotels")
    assert (own["among_contact"], own["among_again"], own["among_plain"], own["among_earlier"]) == (1, 1, 0, 0)
    assert (other["among_contact"], other["among_again"], other["among_plain"]) == (0, 0, 1)
    assert other["among_earlier"] == pytest.approx(1 / 3)
    assert own["among_place"] == other["among_place"] == 1


def test_a_senders_line_in_several_cells_begins_a_paragraph() -> None:
    text = "Ashdown GmbH     •     Ecke 12     •     12345 Stadthausen\nTheodor Est\nBahnweg 42\n88802 Spielkreis"
    sender, addressed = signs(text, "Ashdown GmbH"), signs(text, "Theodor Est")
    assert (sender["of_sender"], addressed["of_sender"]) == (1, 0)
    assert (addressed["among_under_sender"], addressed["addressee"], addressed["depth"]) == (1, 1, 0)


def test_a_key_and_its_value_are_told_from_parties() -> None:
    text = "Invoice\n\nTest      : Blue Garden\nBatch      : 4711\nBuyer\nName:      Harbour Hotels\n9 Marine Parade"
    assert signs(text, "Test")["among_before_value"] == 1
    assert signs(text, "Batch")["among_before_value"] == 1
    assert signs(text, "Blue Garden")["among_behind_key"] == 1
    assert signs(text, "Harbour Hotels")["among_behind_key"] == 0


def test_a_heading_over_keys_heads_what_they_announce() -> None:
    text = "Buyer\nName:                 Harbour Hotels\nAddress:              9 Marine Parade"
    assert signs(text, "Harbour Hotels")["headed_counterpart"] > 0


def test_a_name_under_no_heading_counts_less_where_another_has_one() -> None:
    text = "Ashdown Joinery Ltd\n4 Mill Lane\nLewes BN7 2AD\n\n\n\n\n\n\nBill to:\nHarbour Hotels\n9 Marine Parade"
    assert signs(text, "Ashdown Joinery Ltd")["less_headed_counterpart"] > 0.5
    assert signs(text, "Harbour Hotels")["less_headed_counterpart"] == 0
    assert signs(LETTER, "Ashdown Joinery Ltd")["less_headed_counterpart"] == 0


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Nom du client", "counterpart"),
        ("Nome cliente:", "counterpart"),
        ("Leistungsempfänger", "counterpart"),
        ("Spett.le", "counterpart"),
        ("Fakturaadresse", "counterpart"),
        ("Shipping Address", "other"),
        ("Emitido por", "issuer"),
    ],
)
def test_headings_of_parties_in_other_words(text: str, side: str) -> None:
    found = heading(text)
    assert found is not None
    assert found.side == side


@pytest.mark.parametrize(("text", "is_key"), [("Name:", True), ("Nom :", True), ("Name Acme", False), ("VAT", False)])
def test_what_only_announces_a_name(text: str, is_key: bool) -> None:
    assert is_name_key(text) is is_key


def test_a_buyer_without_heading_at_the_right_of_the_seller() -> None:
    found = invoice(
        """
        Atelier Morvan SARL
        14 rue des Lilas
        44000 Nantes                              Garage Petitjean
        contact@atelier-morvan.fr                 3 place du Marché
        N° TVA FR12345678901                      35000 Rennes

        FACTURE
        Facture n°: 2021-044
        Date: 04.03.2021
        Objet: Peinture

        Désignation               Qté       Montant HT
        Vernis                    2         200,00
        Total TTC                           240,00
        """
    )
    assert (found["seller_name"], found["buyer_name"]) == ("Atelier Morvan SARL", "Garage Petitjean")
