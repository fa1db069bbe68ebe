"""Made documents, each with a schema of its own and the values that it prints.

    seed ──random──▶ language, fields, tables, layout ──sheets──▶ pages
                                    └──▶ schema, values

Layouts of trials are others than those that anybody looked at while the rules were written: `SEEN` and `UNSEEN`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Any, Final, NamedTuple

from ix.extraction.page import Page
from training.schemas.pool import FIELDS, LANGUAGES, TABLES, Concept, Said
from training.schemas.sheet import WIDTH, Sheet, width_of

_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": ("Application form", "Delivery record", "Summary sheet", "Registration"),
    "de": ("Antrag", "Begleitschein", "Übersicht", "Anmeldung"),
    "fr": ("Formulaire de demande", "Fiche", "Récapitulatif"),
    "es": ("Solicitud", "Ficha", "Resumen"),
}
_TOTALS: Final[Mapping[str, str]] = {"en": "Total", "de": "Summe", "fr": "Total", "es": "Total"}


class Paper(NamedTuple):
    """A made document: its pages, the schema that it is asked by, and what it says."""

    pages: Sequence[Page]
    schema: dict[str, Any]
    values: dict[str, Any]
    layout: str


class Line(NamedTuple):
    """A field of a form: its caption and its value as they are printed."""

    caption: str
    text: str


Layout = Callable[[Sheet, Sequence[Line], Random], None]


def _behind_colons(sheet: Sheet, lines: Sequence[Line], _: Random) -> None:
    for line in lines:
        sheet.write(60, f"{line.caption}: {line.text}")
        sheet.down()


def _in_columns(sheet: Sheet, lines: Sequence[Line], random: Random) -> None:
    x = 60 + max(width_of(line.caption) for line in lines) + random.randrange(20, 60)
    colon = random.choice(("", ":"))
    for line in lines:
        sheet.write(60, line.caption + colon)
        sheet.write(x, line.text)
        sheet.down(random.choice((15, 18)))


def _in_pairs(sheet: Sheet, lines: Sequence[Line], _: Random) -> None:
    for at in range(0, len(lines), 2):
        for x, line in zip((60, 330), lines[at : at + 2], strict=False):
            sheet.write(x, f"{line.caption}: {line.text}")
        sheet.down(18)


def _in_boxes(sheet: Sheet, lines: Sequence[Line], random: Random, numbered: bool = False) -> None:
    across = random.choice((2, 3))
    step = (WIDTH - 120) / across
    for at in range(0, len(lines), across):
        for place, line in enumerate(lines[at : at + across]):
            caption = f"{at + place + 1}. {line.caption}" if numbered else line.caption
            sheet.write(60 + place * step, caption, 7)
            sheet.write(60 + place * step, line.text, 10, sheet.y + 10)
        sheet.down(32)


def _in_numbered_boxes(sheet: Sheet, lines: Sequence[Line], random: Random) -> None:
    _in_boxes(sheet, lines, random, numbered=True)


def _with_dots(sheet: Sheet, lines: Sequence[Line], _: Random) -> None:
    for line in lines:
        sheet.write(60, f"{line.caption} {'.' * max(40 - len(line.caption), 4)} {line.text}")
        sheet.down()


def _in_two_columns(sheet: Sheet, lines: Sequence[Line], _: Random) -> None:
    top = sheet.y
    half = (len(lines) + 1) // 2
    for start, part in ((60, lines[:half]), (320, lines[half:])):
        sheet.y = top
        x = start + max((width_of(line.caption) for line in part), default=0) + 24
        for line in part:
            sheet.write(start, line.caption)
            sheet.write(x, line.text)
            sheet.down()
    sheet.y = top + 16 * half


SEEN: Final[Mapping[str, Layout]] = {"colons": _behind_colons, "columns": _in_columns, "boxes": _in_boxes}
UNSEEN: Final[Mapping[str, Layout]] = {
    "pairs": _in_pairs,
    "numbered": _in_numbered_boxes,
    "dots": _with_dots,
    "halves": _in_two_columns,
}


def made(seed: int, unseen: bool = False) -> Paper:
    """The document of a seed."""
    random = Random(seed)
    language = random.choice(LANGUAGES)
    sheet = Sheet()
    sheet.write(60, random.choice(_TITLES[language]), 16)
    sheet.down(34)
    asked: dict[str, Any] = {}
    values: dict[str, Any] = {}
    layout = random.choice(sorted(UNSEEN if unseen else SEEN))
    lines = _fields(random, language, asked, values)
    (UNSEEN if unseen else SEEN)[layout](sheet, lines, random)
    sheet.down(20)
    sheets = [sheet]
    for name in random.sample(sorted(TABLES), k=random.choice((0, 1, 1, 2))):
        _table(sheets, name, language, random, asked, values)
    properties = dict(sorted(asked.items(), key=lambda _: random.random()))
    pages = [one.page(number) for number, one in enumerate(sheets, 1)]
    return Paper(pages, {"type": "object", "properties": properties}, values, layout)


def _fields(random: Random, language: str, asked: dict[str, Any], values: dict[str, Any]) -> list[Line]:
    """The lines of a form; most are asked for, and some that are asked for are not there."""
    lines = []
    for concept in random.sample(FIELDS, k=random.randrange(6, 15)):
        caption, said = random.choice(concept.captions[language]), concept.make(random, language)
        fate = random.random()
        if fate < 0.85:
            lines.append(Line(caption, said.text))
        if fate > 0.2:
            name = random.choice(concept.names)
            asked[name] = _asked(concept, caption, language, random)
            values[name] = said.value if fate < 0.85 else None
    return lines


def _asked(concept: Concept, caption: str, language: str, random: Random) -> dict[str, Any]:
    schema = dict(concept.schema)
    if language != "en" and random.random() < 0.5:
        english = schema.get("description") or concept.captions["en"][0]
        schema["description"] = f"{english} ({caption})"
    elif random.random() < 0.2:
        schema["title"] = caption
    return schema


def _table(
    sheets: list[Sheet], name: str, language: str, random: Random, asked: dict[str, Any], values: dict[str, Any]
) -> None:
    columns = list(TABLES[name])
    if len(columns) > 3 and random.random() < 0.3:
        columns.pop(random.randrange(len(columns)))
    captions = [random.choice(column.captions[language]) for column in columns]
    names = [random.choice(column.names) for column in columns]
    rows = [[column.make(random, language) for column in columns] for _ in range(random.choice((2, 4, 7, 30)))]
    for row in rows:
        _leave_out(name, row, columns, random)
    _print_table(sheets, captions, columns, rows)
    if name == "items" and random.random() < 0.7:
        sheets[-1].write(330, f"{_TOTALS[language]}")
        sheets[-1].write(480, f"{sum(range(len(rows))) + 101}.50")
        sheets[-1].down(30)
    spec = {at: _asked(column, caption, language, random) for at, column, caption in zip(names, columns, captions)}
    order = sorted(names, key=lambda _: random.random()) if random.random() < 0.3 else names
    asked[name] = {"type": "array", "items": {"type": "object", "properties": {at: spec[at] for at in order}}}
    values[name] = [dict(zip(names, (one.value for one in row), strict=True)) for row in rows]


def _leave_out(name: str, row: list[Said], columns: Sequence[Concept], random: Random) -> None:
    """A movement is a debit or a credit; here and there a cell is empty."""
    both = [at for at, column in enumerate(columns) if set(column.names) & {"debit", "credit"}]
    if name == "movements" and len(both) == 2:
        row[random.choice(both)] = Said(None, "")
    elif random.random() < 0.08 and len(row) > 2:
        row[random.randrange(1, len(row))] = Said(None, "")


def _print_table(
    sheets: list[Sheet], captions: Sequence[str], columns: Sequence[Concept], rows: Sequence[Sequence[Said]]
) -> None:
    widths = [
        max(width_of(text) for text in (caption, *(row[at].text for row in rows))) + 14
        for at, caption in enumerate(captions)
    ]
    spare = max(475 - sum(widths), 0) / len(widths)
    lefts = [60 + sum(widths[:at]) + spare * at for at in range(len(widths))]
    rights = [left + width - 10 for left, width in zip(lefts, widths, strict=True)]

    def print_line(texts: Sequence[str]) -> None:
        for text, column, left, right in zip(texts, columns, lefts, rights, strict=True):
            sheets[-1].write(right - width_of(text) if column.is_right else left, text)
        sheets[-1].down(15)

    print_line(captions)
    for row in rows:
        if sheets[-1].is_full:
            sheets.append(Sheet())
            print_line(captions)
        print_line([one.text for one in row])
    sheets[-1].down(20)
