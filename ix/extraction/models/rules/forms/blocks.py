"""Blocks: a heading that names an object of the schema, and under it lines that are its parts without captions.

    SHIP TO                         name     Acme Warehouse
    Acme Warehouse                  street   1200 Dock Road
    1200 Dock Road                  city, state, zip
    Round Rock, TX 78664

Flat fields that differ in their last words alone are an object too: `employerName`, `employerAddress`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Final, NamedTuple

from ix.extraction.layout import joined
from ix.extraction.models.rules.forms.captions import COLON, Caption, Zone, below_of, right_of, row_offset
from ix.extraction.models.rules.forms.likeness import Alike, Asked
from ix.extraction.models.rules.forms.wording import Words, weights, words
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.reading import Reading
from ix.extraction.models.rules.vocabulary.addresses import is_address, is_region
from ix.fields import words_of

ROLES: Final[Mapping[str, str]] = {
    "name": "name", "company": "name", "organisation": "name", "street": "street", "line": "street", "city": "city",
    "state": "state", "province": "state", "zip": "zip", "country": "country", "address": "address",
}  # fmt: skip
"""What part of a block a field is, by a word of its name."""
_LIKE = 0.65
"""Least likeness of a heading; see `page.candidates` for where the numbers are from."""
_SCORE = 0.85
_MOST = 6
"""Lines of the longest block."""
_EDGE = 0.015
_GAP = 1.2
"""Gap of two lines of a block, in heights."""
_LOCALITIES: Final = (
    re.compile(r"(?:(?P<street>.+?),\s+)?(?P<city>[^\d,]+?),?\s+(?P<state>[A-Z]{2})\.?,?\s+(?P<zip>\d{5}(?:-\d{4})?)"
               r"(?:[\s,]+(?P<country>\D+))?"),
    re.compile(r"(?:(?P<street>.+?),\s+)?(?:[A-Z]{1,3}-)?(?P<zip>\d{4,6}(?: [A-Z]{2})?)\s+(?P<city>[^\d,]+)"
               r"(?:,\s*(?P<country>\D+))?"),
    re.compile(r"(?:(?P<street>.+?),\s+)?(?P<city>[^\d,]+?),?\s+(?P<zip>[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2})"
               r"(?:,\s*(?P<country>\D+))?"),
    re.compile(r"(?:(?P<street>.+?),\s+)?(?P<city>[^\d,]*[^\d,\s-]),?[\s-]+(?P<zip>\d{5,6})(?:,\s*(?P<country>\D+))?"),
)  # fmt: skip
"""Lines with a city: of America, of the continent, of Britain, of Asia."""
_NO_PART = re.compile(r"@|www\.|^\W*(?:tel|phone|fax|e-?mail)\b|^\W*\+?[\d\s()./-]{7,}$", re.I)


class Part(NamedTuple):
    """A part of a block: its text, and the characters of a row that print it."""

    text: str
    zones: tuple[Zone, ...]


def groups(asked: Sequence[Asked]) -> dict[Words, dict[str, Asked]]:
    """The objects that may be blocks, by what they are called: their members by role, at least two of them."""
    found: dict[Words, dict[str, Asked]] = defaultdict(dict)
    for one in asked:
        name = words(" ".join(words_of(one.field.name)))
        role = next((ROLES[word] for word in reversed(name) if word in ROLES), None)
        own = one.context[-1] if one.context else tuple(word for word in name if word not in ROLES)
        if role and own and one.field.json_type == "string":
            found[own].setdefault(role, one)
    return {own: members for own, members in found.items() if len(members) > 1}


def read_blocks(
    asked: Sequence[Asked],
    captions: Sequence[Caption],
    reading: Reading,
    alike: Alike,
    announces: Callable[[Zone], bool],
) -> dict[str, Candidate]:
    """The parts of every object whose heading stands over a block, by the field's path. `announces` says whether what
    stands somewhere is a caption, which ends a block."""
    found: dict[str, Candidate] = {}
    for own, members in groups(asked).items():
        for caption in captions:
            if _names(caption.words, own, alike) < _LIKE:
                continue
            zones = list(takewhile(lambda zone: not announces(zone), _lines(caption, reading)))
            parts = _parts(zones) if zones else {}
            # one part alone may be any text under any heading
            if len(parts) > 1:
                found |= {one.field.path: _candidate(parts[role]) for role, one in members.items() if role in parts}
                break
    return found


def _names(printed: Words, own: Words, alike: Alike) -> float:
    """How surely a heading names an object; words for its parts may stand there too: "Employer's name and address"."""
    shared = [word for word in printed if any(other in own for other in alike.to(word))]
    extra = [word for word in printed if word not in shared and word not in ROLES and word not in ("code", "to")]
    total = weights(own) + weights(shared) + weights(extra)
    return 2 * weights(shared) / total if total else 0.0


def _lines(caption: Caption, reading: Reading) -> Iterator[Zone]:
    end = row_offset(caption) + len(caption.cell.text)
    inline = caption.row.text[caption.end : end].strip()
    first = Zone(0, 1.0, caption.row, caption.end + 1, end) if caption.has_colon and inline else None
    # a heading with a colon leads what stands beside it
    beside = right_of(caption) if caption.has_colon else None
    first = first or beside or below_of(reading, caption) or right_of(caption)
    if first is None or COLON.search(first.text):
        return
    yield first
    last = first.row.line.part(first.start, first.end)
    left = last.box[0]
    for row in reading.after(first.row, _MOST):
        cells = [pair for pair in row.cells if abs(pair[1].box[0] - left) < _EDGE]
        # the next heading of the column that this one is in
        if first.place == 1 and any(abs(cell.box[0] - caption.cell.box[0]) < _EDGE for _, cell in row.cells):
            return
        if not cells and row.line.box[1] - last.box[3] < 0:
            continue
        if not cells or row.line.box[1] - last.box[3] > _GAP * last.height or COLON.search(cells[0][1].text):
            return
        at, last = cells[0]
        yield Zone(2, 1.0, row, at, at + len(last.text))


def _parts(zones: Sequence[Zone]) -> dict[str, Part]:
    """What the lines of a block are; nothing where none of them is a place."""
    # telephone and mail are of a party, and no part of where it is
    lines = [zone for zone in zones if not _NO_PART.search(zone.text)]
    found: dict[str, Part] = {}
    # the last one: "1200 Dock Road" looks like one too
    at = next((at for at in reversed(range(len(lines))) if _locality(lines[at].text)), None)
    if not lines or (at is None and not any(is_address(zone.text) for zone in lines)):
        return found
    last = len(lines) if at is None else at + 1
    if last < len(lines) and (is_region(lines[last].text) or lines[last].text.isupper()):
        found["country"] = Part(lines[last].text, (lines[last],))
        last += 1
    start = 0
    if not is_address(lines[0].text) and not lines[0].text[:1].isdigit() and at != 0:
        found["name"] = Part(lines[0].text.strip(" ,"), (lines[0],))
        start = 1
    whole = lines[start:last]
    if whole:
        found["address"] = Part(", ".join(zone.text.strip(" ,") for zone in whole), tuple(whole))
    streets = [zone for zone in lines[start : last if at is None else at] if re.search(r"\d", zone.text)]
    if streets:
        found["street"] = Part(streets[0].text.strip(" ,"), (streets[0],))
    if at is not None and (place := _locality(lines[at].text)):
        found |= {role: part for role, part in _split(lines[at], place).items() if role not in found}
    return found


def _locality(text: str) -> re.Match[str] | None:
    return next((found for form in _LOCALITIES if (found := form.fullmatch(text.strip(" ,.")))), None)


def _split(zone: Zone, place: re.Match[str]) -> dict[str, Part]:
    shift = zone.start + len(zone.text) - len(zone.text.lstrip(" ,."))
    found: dict[str, Part] = {}
    for role, text in place.groupdict().items():
        if text:
            start, end = place.span(role)
            found[role] = Part(text.strip(" ,"), (zone._replace(start=shift + start, end=shift + end),))
    return found


def _candidate(part: Part) -> Candidate:
    spans = [zone.row.line.part(zone.start, zone.end) for zone in part.zones]
    return Candidate(part.text, part.zones[0].row.page, joined(spans), _SCORE)
