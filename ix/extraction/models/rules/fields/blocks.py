"""Blocks: runs of lines that may be an address, and the signs by which learned weights tell where it begins and ends.

`FEATURES` lists the signs, in order: the block's own (`Block`), and the looks of its first and last line and of those
above and below it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import NamedTuple

from ix.extraction.layout import Span, joined
from ix.extraction.models.rules.fields.issuers import Role, party
from ix.extraction.models.rules.fields.names import Name, above, before_address, column, heading_over
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.extraction.models.rules.vocabulary import addresses, names, parties
from ix.extraction.models.rules.vocabulary.captions import is_caption
from ix.extraction.models.rules.weighing.looks import Looks, looks
from ix.extraction.records import entity

_MOST = 120
"""Blocks that are looked at; a receipt has forty."""
_LINES = 7
"""Lines of the longest address."""
_AHEAD = 3
"""An address may begin so many lines above the first that looks like a part of one."""
_SIGN = 0.8
"""Weight from which a line is a sign of an address: that of a postcode."""
_SIDES: dict[Role, parties.Side] = {"issuers": "issuer", "counterparts": "counterpart"}
Line = tuple[Row, Span]


@entity
class Found:
    """A run of lines that may be an address, and its words without what leads to it or follows it."""

    lines: tuple[Line, ...]
    span: Span
    text: str

    @property
    def page(self) -> int:
        """The index of its page."""
        return self.lines[0][0].page


class Block(NamedTuple):
    """What a run of lines is as a whole."""

    lines: float
    """How many, in units of 5; and whether it is one alone."""
    single: float
    weight: float
    """Sum of the lines' signs of addresses, in units of 5; the mean; and the least."""
    mean: float
    least: float
    bare: float
    """Lines without any such sign."""
    stops: float
    """Lines inside with what follows addresses: telephone, tax number."""
    localities: float
    top: float
    left: float
    under_name: float
    """1 where it begins right under the party's name, a half one line further, and so on; negative above it."""
    holds_name: float
    """The party's name is in it."""
    widest_gap: float
    """Between its lines, and to those above and below, in heights, up to 4."""
    gap_above: float
    gap_below: float
    level: float
    """How far the heights of its first and last line differ."""
    characters: float
    after_money: float
    headed_own: float
    """A heading of the party stands above it, the nearer the more; and one of another."""
    headed_other: float


_AROUND = ("first", "last", "above", "below")
FEATURES: tuple[str, ...] = (*Block._fields, *(f"{part}_{sign}" for part in _AROUND for sign in Looks._fields))
_NOTHING = Looks(*(0.0 for _ in Looks._fields))
Vector = tuple[float, ...]


def described(reading: Reading, role: Role) -> list[tuple[Found, Vector]]:
    """Every run of lines of the first page that may be the address of a party, with its features."""
    # which lines may be an address is the same for both parties, the features are not
    found = reading.once(described, lambda: list(islice(_all(reading), _MOST)))
    return reading.once((described, role), lambda: [(one, _vector(reading, one, role)) for one in found])


def _all(reading: Reading) -> Iterator[Found]:
    for row in reading.on_first_page:
        # lines of items would use up the blocks that are looked at
        if not row.has_money:
            for _, cell in row.cells:
                yield from runs(reading, row, cell)


def runs(reading: Reading, row: Row, cell: Span) -> Iterator[Found]:
    """The runs of lines that begin with a cell and have a sign of an address."""
    if not _may_begin(cell.text):
        return
    lines: list[Line] = [(row, cell)]
    for line in column(reading, row, cell, _LINES):
        # a postcode may stand beside a column with an amount
        if is_caption(line[1].text) or (line[0].has_money and _weight(line[1].text) < _SIGN):
            break
        lines.append(line)
        if addresses.ends_address(line[1].text) and not addresses.before_stop(line[1].text):
            break
    signs = [at for at, (_, span) in enumerate(lines) if _weight(span.text) >= _SIGN]
    if not signs or signs[0] > _AHEAD:
        return
    # wherever a run ends behind its first sign is a block: the weights say which is the address
    for count in range(signs[0] + 1, len(lines) + 1):
        if found := _found(tuple(lines[:count])):
            yield found


def _may_begin(text: str) -> bool:
    if parties.heading(text) is not None or is_caption(text) or names.is_registration(text):
        return False
    if not any(map(str.isalpha, text)):
        return False
    # an address may stand before a telephone on one line, or behind the word "Address:"
    return not addresses.ends_address(text) or bool(addresses.before_stop(text)) or addresses.lead(text) > 0


def _weight(text: str) -> float:
    return addresses.weight(text[: addresses.before_stop(text) or len(text)])


def _found(lines: tuple[Line, ...]) -> Found | None:
    """The words of lines: without the word "Address:" before, a telephone behind, or a sender's name in front."""
    first, last = lines[0][1], lines[-1][1]
    if addresses.ends_address(last.text) and not addresses.before_stop(last.text):
        return None
    start = addresses.lead(first.text)
    if not start and (name := before_address(first)):
        start = len(name.text)
        # a line above the window of an envelope: "Acme GmbH · Hauptstr. 1 · 10115 Berlin"
        start += len(first.text[start:]) - len(first.text[start:].lstrip(" |·•●–,-"))
    if start >= len(first.text):
        return None
    spans = [first.part(start, len(first.text)), *(span for _, span in lines[1:])]
    if end := addresses.before_stop(spans[-1].text):
        spans[-1] = spans[-1].part(0, end)
    whole = joined(spans)
    trimmed = tuple((row, span) for (row, _), span in zip(lines, spans, strict=True))
    return Found(trimmed, whole, whole.text.rstrip(" ,;|·•-–"))


def _vector(reading: Reading, found: Found, role: Role) -> Vector:
    (row, first), (last_row, last) = found.lines[0], found.lines[-1]
    over = above(reading, row, first)
    under = next(column(reading, last_row, last, 3), None)
    block = _block(reading, found, role, over[1] if over else None, under[1] if under else None)
    return (
        *block,
        *looks(first.text),
        *looks(last.text),
        *(looks(over[1].text) if over else _NOTHING),
        *(looks(under[1].text) if under else _NOTHING),
    )


def _block(reading: Reading, found: Found, role: Role, over: Span | None, under: Span | None) -> Block:
    spans = [span for _, span in found.lines]
    signs = [looks(span.text) for span in spans]
    weights = [sign.address for sign in signs]
    first, last = spans[0], spans[-1]
    name = party(reading, role)
    side, nearness = _heading(reading, *found.lines[0])
    height = max(first.height, 1e-6)
    return Block(
        lines=len(spans) / 5,
        single=float(len(spans) == 1),
        weight=sum(weights) / 5,
        mean=sum(weights) / len(weights),
        least=min(weights),
        bare=sum(weight == 0 for weight in weights) / 2,
        stops=float(sum(sign.stop for sign in signs)),
        localities=float(sum(sign.locality for sign in signs)),
        top=first.box[1],
        left=first.box[0],
        under_name=_under(name, found.lines[0][0]),
        holds_name=float(name is not None and _holds(found.span, name)),
        widest_gap=max((_gap(one, other) for one, other in pairwise(spans)), default=0.0),
        # the edge of the page sets apart as much as the widest gap
        gap_above=_gap(over, first) if over else 4.0,
        gap_below=_gap(last, under) if under else 4.0,
        level=min(abs(last.height / height - 1), 1.0),
        characters=len(found.text) / 60,
        after_money=float(found.lines[0][0].at > reading.once(_first_money, lambda: _first_money(reading))),
        headed_own=nearness if side == _SIDES[role] else 0.0,
        headed_other=nearness if side != _SIDES[role] else 0.0,
    )


def _first_money(reading: Reading) -> int:
    return next((row.at for row in reading.on_first_page if row.has_money), len(reading.rows))


def _under(name: Name | None, row: Row) -> float:
    distance = row.at - name.last.at if name and name.first.page == row.page else 0
    return 1 / distance if distance else 0.0


def _holds(span: Span, name: Name) -> bool:
    return not set(name.span.indices).isdisjoint(span.indices)


def _heading(reading: Reading, row: Row, cell: Span) -> tuple[parties.Side | None, float]:
    for distance in range(5):
        over = above(reading, row, cell, 2)
        if over is None:
            break
        row, cell = over
        if headed := heading_over(row, cell):
            return headed.side, 1 - 0.1 * distance
    return None, 0.0


def _gap(one: Span, other: Span) -> float:
    return min(max((other.box[1] - one.box[3]) / max(one.height, 1e-6), 0.0), 4.0)
