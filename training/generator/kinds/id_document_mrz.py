"""Documents of identity: what people read on them, and the machine-readable zone below (ICAO Doc 9303)."""

from __future__ import annotations

import unicodedata
from datetime import timedelta
from typing import Any

from ix.extraction.values.mrz import check_digit
from training.generator.letterhead import Style
from training.generator.paper import Paper
from training.generator.world import World

TRAIN = (Style("TD3"), Style("TD1"), Style("MRV-A"))
TEST = (Style("TD2"), Style("MRV-B"), Style("TD3", head="low"), Style("TD1", head="low"))
STATES = ("UTO", "DEU", "AUT", "FRA", "ESP", "ITA", "NLD", "POL", "PRT", "SWE", "DNK", "GBR")
_SPELT = {"Ä": "AE", "Ö": "OE", "Ü": "UE", "ß": "SS", "Å": "AA", "Ø": "OE", "Æ": "AE", "Ñ": "N", "Ł": "L"}
"""How letters that are none of A to Z are spelt (Doc 9303 part 3, section 6)."""


def make(world: World, style: Style) -> tuple[Paper, dict[str, Any], dict[str, Any]]:
    """A document: its paper, its labels, and what else is known of it."""
    form = style.name
    born = world.day().replace(year=world.random.randint(1935, 2015))
    expires = world.day() + timedelta(1500)
    surname, given = spelt(world.pick("last")), spelt(f"{world.pick('first')} {world.pick('first')}")
    state, nation = world.random.choice(STATES), world.random.choice(STATES)
    kind = {"TD3": "P", "MRV-A": "V", "MRV-B": "V"}.get(form, "I")
    gold: dict[str, Any] = {
        "document_type": kind,
        "issuing_state": state,
        "document_number": world.code_like("@########", "########@", "@@#######", "C0@1######")[:9],
        "surname": surname,
        "given_names": given,
        "nationality": nation,
        "birth_date": born,
        "sex": world.random.choice("FM"),
        "expiry_date": expires,
        "optional_data": world.code_like("@#####", "#######") if world.chance(0.3) else None,
    }
    gold["mrz"] = " ".join(zone(form, gold))
    return _printed(world, style, gold), gold, {}


def spelt(name: str) -> str:
    """A name in A to Z, with spaces for all else."""
    wide = "".join(_SPELT.get(char, char) for char in name.upper())
    plain = unicodedata.normalize("NFKD", wide).encode("ascii", "ignore").decode()
    return " ".join("".join(char if char.isalpha() else " " for char in plain).split())


def zone(form: str, gold: dict[str, Any]) -> list[str]:
    """The lines of the zone."""
    names = f"{gold['surname']}<<{gold['given_names']}".replace(" ", "<")
    number = _checked(gold["document_number"].ljust(9, "<"))
    born, until = _checked(f"{gold['birth_date']:%y%m%d}"), _checked(f"{gold['expiry_date']:%y%m%d}")
    more, kind = gold["optional_data"] or "", gold["document_type"].ljust(2, "<")
    if form == "TD1":
        first = f"{kind}{gold['issuing_state']}{number}{more.ljust(15, '<')}"
        second = f"{born}{gold['sex']}{until}{gold['nationality']}{'<' * 11}"
        whole = first[5:30] + second[:7] + second[8:15] + second[18:29]
        return [first, f"{second}{check_digit(whole)}", names[:30].ljust(30, "<")]
    width = 44 if form in ("TD3", "MRV-A") else 36
    first = f"{kind}{gold['issuing_state']}{names}"[:width].ljust(width, "<")
    second = f"{number}{gold['nationality']}{born}{gold['sex']}{until}"
    if form.startswith("MRV"):
        return [first, (second + more).ljust(width, "<")]
    second += _checked(more.ljust(14, "<")) if form == "TD3" else more.ljust(7, "<")
    return [first, f"{second}{check_digit(second[:10] + second[13:20] + second[21 : width - 1])}"]


def _checked(text: str) -> str:
    return f"{text}{check_digit(text)}"


def _printed(world: World, style: Style, gold: dict[str, Any]) -> Paper:
    """The document as it is copied: what people read, then the zone."""
    paper = Paper("sans", 8.0, 360.0, 250.0, 20.0, 0.0)
    if style.head == "low":
        paper = Paper("sans", 8.0)
        paper.prose(world.text("sentences"))
        paper.y = 420.0
    paper.line(paper.margin, gold["issuing_state"], 12.0, bold=True)
    for value in (gold["surname"], gold["given_names"], world.written(gold["birth_date"]), gold["document_number"]):
        paper.line(paper.margin + 110, str(value))
    paper.y += 2 * paper.step
    paper.sheet.face = "mono"
    for line in gold["mrz"].split(" "):
        paper.line(paper.margin, line, 9.0 if style.head == "low" else 11.0 * 44 / max(len(line), 44))
    return paper
