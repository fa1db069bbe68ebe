"""`docs/states.md`: the picture, the table and the text say the same of a job's life, and what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import ix.job
from ix.job import Status

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "states.md").read_text()
PICTURE = ElementTree.parse(DOCS / "img" / "states.svg")
NOWHERE = ""
ANY = {str(status) for status in Status}


class Arrow(NamedTuple):
    name: str
    before: str
    after: str
    spends: bool


def drawn() -> set[Arrow]:
    """The arrows of the picture; one that leaves a frame leaves each state in it."""
    return {
        Arrow(group.attrib["data-name"], before, group.attrib["data-to"], "data-spends" in group.attrib)
        for group in PICTURE.iterfind(".//*[@data-name]")
        for before in group.attrib["data-from"].split() or [NOWHERE]
    }


def written() -> set[Arrow]:
    """Those of the text."""
    lines = re.findall(r"^ {4}(\S+) --> (\S+): (\w+)( \+1)?$", PAGE, re.MULTILINE)
    nowhere = {"[*]": NOWHERE}
    return {Arrow(name, nowhere.get(a, a), nowhere.get(b, b), bool(spends)) for a, b, name, spends in lines}


def tabled() -> set[Arrow]:
    """Those of the table, a row for each step."""
    found = re.findall(r"^\| (\w+ \|.*) \|", PAGE, re.MULTILINE)
    rows = [[cell.strip() for cell in row.split("|")] for row in found]
    return {
        Arrow(name, before, after, spent == "+1")
        for name, leaves, enters, _, spent, _ in rows
        if name != "step"
        for before in (ANY if leaves == "any" else leaves.split(", "))
        for after in enters.split(", ")
    }


def test_the_picture_has_every_state_and_no_other() -> None:
    shown = {group.attrib["data-state"]: "".join(group.itertext()) for group in PICTURE.iterfind(".//*[@data-state]")}
    assert shown == {state: state for state in ANY}


def test_the_picture_the_table_and_the_text_say_the_same() -> None:
    assert drawn() == written() == tabled()


def test_every_arrow_is_labelled_and_shows_what_it_spends() -> None:
    for group in PICTURE.iterfind(".//*[@data-name]"):
        words = [text.strip() for text in group.itertext()]
        assert group.attrib["data-name"] in words or group.attrib["data-to"] == "scheduled"
        assert ("+1" in words) == ("data-spends" in group.attrib)


def test_what_the_code_says_of_a_jobs_life_is_drawn() -> None:
    said = {"promote", "claim", "finish", "release", "rescue", "postpone", "split", "gather", "cancel", "retry"}
    assert said == {name for name in said if re.search(rf"\b{name}\b", str(ix.job.__doc__))}
    assert said | {"insert", "erase", "prune"} == {arrow.name for arrow in drawn()}


def test_attempts_are_spent_by_what_counts_them_in_the_database() -> None:
    methods = {path.stem: path.read_text() for path in (DOCS.parent / "ix" / "database" / "jobs").glob("*.py")}
    counting = re.findall(
        r"_([A-Z]+) = [^=]*?\"\"\"[^\"]*?attempts = attempts \+ (?:1|\$\d)", "".join(methods.values())
    )
    names = {"SWEEP": "rescue"}
    made = "".join(path.read_text() for path in (DOCS.parent / "db" / "migrations").glob("*.sql"))
    functions = set(re.findall(r"CREATE FUNCTION (\w+)_job\([^$]*\$\$[^$]*attempts = attempts \+ 1", made))
    assert {names.get(sql, sql.lower()) for sql in counting} | functions == {
        arrow.name for arrow in drawn() if arrow.spends
    }
