"""Filling: which value of the pages answers which field of a schema that nobody described, over all fields at once.

    fields ──wording──┐
    captions ─────────┴─likeness──▶ pairs ──zones, readers──▶ claims ──best first──▶ one place for each field

A caption and its value serve one field. What has no caption answers only where its form decides: the only e-mail
address of the pages, the only date for the only field of dates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from ix.extraction.layout import joined
from ix.extraction.models.rules.forms.blocks import read_blocks
from ix.extraction.models.rules.forms.captions import (
    BOX,
    ENUMERATOR,
    Caption,
    Style,
    Zone,
    below_of,
    captions,
    is_strip,
    lines_under,
    right_of,
    row_offset,
    under,
    zones,
)
from ix.extraction.models.rules.forms.headings import Headings
from ix.extraction.models.rules.forms.likeness import Alike, Asked, likeness
from ix.extraction.models.rules.forms.readers import Say, form_of, reader_of
from ix.extraction.models.rules.forms.wording import Words
from ix.extraction.models.rules.page.candidates import Candidate
from ix.extraction.models.rules.page.near import Read
from ix.extraction.models.rules.page.reading import Reading, Row
from ix.fields import Field

LIKE = 0.62
"""Least likeness of a caption that announces a field; see `page.candidates` for where the numbers are from."""
_SURE = 0.78
"""From here on words are a caption, and no value of another one."""
_CLEARLY = 0.55
"""Least score of a claim that answers: the share of right ones below it is too small."""
_TEXT = 0.96
"""What is left of a text's score, which any words fit."""
_LOOSE = frozenset(("text", "person", "organisation", "address"))
_OWN = 0.8
"""Score of a claim that stands against a block under a heading."""
_LIKE_ALONE = 0.72
"""Least likeness of words that no colon makes a caption."""
_LIKE_IN_TABLE = 0.9
"""Least likeness of words in a line of a table: "Gross salary" may be one of its rows."""
_BEYOND = 0.95
"""Score of a claim that stands against what the layout of bills says."""
_AGAIN = 0.9
"""What is left where a field has several captions as like, with other values."""
_MOST_PAIRS = 20_000
"""Pairs of a caption and a field that are compared; a page of a form has a few hundred."""
_MOST_LINES = 5
_MARKS = re.compile(BOX)


class Claim(NamedTuple):
    """A field's claim on a place: how surely, the caption that speaks for it, and the value there."""

    score: float
    at: int
    caption: Caption
    zone: Zone
    read: Read


class Filling:
    """The claims of fields on the captions of the pages."""

    def __init__(
        self, asked: Sequence[Asked], reading: Reading, without: Collection[int] = (), tabled: Collection[int] = ()
    ) -> None:
        self._asked, self._reading = asked, reading
        # a title of a table announces none of a form's values
        self._captions = [one for one in captions(reading) if one.row.at not in without]
        self._tabled = tabled
        self._alike = Alike(
            sorted({word for one in self._captions for word in one.words}),
            sorted({word for one in asked for word in one.words()}),
        )
        self._headings = Headings(self._captions, asked, self._alike)
        self._like = self._likened()
        self._best: dict[tuple[int, int], float] = {}
        for (caption, _), found in self._like.items():
            key = self._captions[caption].key
            self._best[key] = max(found, self._best.get(key, 0.0))
        self._starts: dict[int, list[Caption]] = defaultdict(list)
        for one in self._captions:
            self._starts[one.row.at].append(one)
        self._votes = self._voted()
        self._styles = self._styled()
        # amounts that arithmetic has settled together stay so
        self._settled = {one.field.path for one in asked if one.field.kind == "money"}

    def candidates(self, known: Mapping[str, Candidate]) -> dict[str, Candidate]:
        """The answer of each field that has one, by path. What is `known` answers a field already, but for one that its
        own words announce beyond doubt; its words answer no other."""
        claims = sorted(self._claims(), key=lambda claim: (-claim.score, claim.caption.row.at))
        blocks = read_blocks(self._asked, self._captions, self._reading, self._alike, self._is_caption)
        # a part with a caption of its own is what stands beside that
        own = {self._path(claim) for claim in claims if claim.score >= _OWN}
        blocks = {path: one for path, one in blocks.items() if path not in own}
        known = {**known, **blocks}
        sure = {
            self._path(claim) for claim in claims if claim.score >= _BEYOND and self._path(claim) in known
        } - self._settled
        known = self._uncontested(known, claims)
        held = _Held([one for path, one in known.items() if path not in sure])
        fields: set[str] = set(known.keys() - sure)
        spoken: set[tuple[int, int, int]] = set()
        found: dict[str, Candidate] = {path: one for path, one in blocks.items() if path not in sure}
        # best first, and never taken back: what another field claims as well is seldom its own second choice
        for claim in claims:
            path, row = self._path(claim), claim.zone.row
            key = (*claim.caption.key, claim.read.start if self._is_end(claim.at) else 0)
            if path in fields or key in spoken or claim.score < _CLEARLY:
                continue
            if not held.is_free(row, claim.zone.start + claim.read.start, claim.zone.start + claim.read.end):
                continue
            fields.add(path)
            spoken.add(key)
            found[path] = self._candidate(claim)
            held.hold(found[path])
        return found

    def _uncontested(self, known: Mapping[str, Candidate], claims: Sequence[Claim]) -> dict[str, Candidate]:
        """What is known but for what stands beside another field's very name, and not beside its own."""
        words: dict[tuple[int, int], set[str]] = defaultdict(set)
        for claim in claims:
            if claim.score >= _BEYOND and claim.caption.has_colon:
                row, start = claim.zone.row, claim.zone.start
                for index in row.line.part(start + claim.read.start, start + claim.read.end).indices:
                    words[row.page, index].add(self._path(claim))
        return {
            path: one
            for path, one in known.items()
            if path in self._settled
            or not (owners := {path for index in one.span.indices for path in words.get((one.page, index), ())})
            or path in owners
        }

    def _path(self, claim: Claim) -> str:
        return self._asked[claim.at].field.path

    def _is_end(self, at: int) -> bool:
        """Whether a field asks for an end of a period, both of which one caption announces."""
        one = self._asked[at]
        return one.field.kind == "date" and any({"start", "end"} & set(phrase) for phrase in one.phrases)

    def _likened(self) -> dict[tuple[int, int], float]:
        by_word: dict[str, list[int]] = defaultdict(list)
        for at, one in enumerate(self._asked):
            for word in one.words():
                by_word[word].append(at)
        found: dict[tuple[int, int], float] = {}
        left = _MOST_PAIRS
        # by words that both have: to compare all with all would cost the product of page and schema
        for at, caption in enumerate(self._captions):
            near = {other for word in caption.words for alike in self._alike.to(word) for other in by_word[alike]}
            left -= len(near)
            if left < 0:
                break
            heading = self._headings.over(caption)
            if heading and not any(self._is_under(heading, caption, other) for other in near):
                # what nothing of the object asks for that it stands under may be another one's
                heading = ()
            for other in near:
                like = likeness(caption.words, self._asked[other], self._alike, heading)
                if like >= self._needed(caption, self._asked[other].field):
                    found[at, other] = like
        return found

    def _is_under(self, heading: Words, caption: Caption, other: int) -> bool:
        """Whether a field is of the object that a heading names, and a caption under it is like the field's."""
        one = self._asked[other]
        known = {word for context in one.context for word in context}
        is_of = any(each in known for word in heading for each in (word, *self._alike.to(word)))
        return is_of and likeness(caption.words, one, self._alike, heading) >= LIKE

    def _needed(self, caption: Caption, field: Field) -> float:
        if caption.row.at in self._tabled:
            return _LIKE_IN_TABLE
        # a value of a form of its own speaks for the words beside it
        is_loose = field.kind in _LOOSE and not form_of(field) and not field.choices
        return _LIKE_ALONE if is_loose and not caption.has_colon else LIKE

    def _style_of(self, caption: Caption) -> Style:
        """How values are set to a caption: as its line shows, else as the page does."""
        own = _style(self._votes[caption.row.at])
        if not own and is_strip(self._reading, caption.row):
            return "below"
        return own or self._styles[caption.row.page]

    def _voted(self) -> Counter[int]:
        """How each line sets values, above 0 below its captions: where one known caption stands right of another,
        values stand below, and where it stands below one, values stand right of both."""
        votes: Counter[int] = Counter()
        for caption in self._captions:
            if caption.has_colon or caption.before_number or self._best.get(caption.key, 0.0) < _SURE:
                continue
            right, below = right_of(caption), below_of(self._reading, caption)
            votes[caption.row.at] += bool(right and self._is_caption(right))
            if below and self._is_caption(below):
                votes[caption.row.at] -= 1
                votes[below.row.at] -= 1
        return votes

    def _styled(self) -> dict[int, Style]:
        """How each page sets values, by what most of its lines show."""
        pages: Counter[int] = Counter()
        for at, balance in self._votes.items():
            pages[self._reading.rows[at].page] += balance
        return defaultdict(str, {page: _style(balance) for page, balance in pages.items()})  # type: ignore[arg-type]

    def _claims(self) -> Iterator[Claim]:
        readers = [reader_of(one.field, self._reading) for one in self._asked]
        by_field: dict[int, list[Claim]] = defaultdict(list)
        for (at, field), like in self._like.items():
            if claim := self._claim(self._captions[at], field, like, readers[field]):
                by_field[field].append(claim)
        for claims in by_field.values():
            top = max(claim.score for claim in claims)
            values = Counter(str(claim.read.value) for claim in claims if claim.score > top - 0.02)
            # as well announced in several places: nothing tells which is meant
            yield from (claim._replace(score=claim.score * _AGAIN) if len(values) > 1 else claim for claim in claims)

    def _claim(self, caption: Caption, field: int, like: float, say: Say) -> Claim | None:
        asked = self._asked[field].field
        if asked.kind == "boolean" or asked.choices:
            if asked.kind == "boolean" and (box := self._box_before(caption)):
                return Claim(like, field, caption, *box)
            if marked := self._marked(caption, field, like, say):
                return marked
        is_named = like >= _BEYOND and len(caption.words) > 1
        if caption.before_number and (asked.kind in _LOOSE or like < _SURE) and not form_of(asked) and not is_named:
            return None
        for zone in zones(self._reading, caption, self._following(caption), self._style_of(caption)):
            if self._is_caption(zone):
                continue
            read = say(zone.text)
            if read:
                loose = _TEXT if asked.kind in _LOOSE else 1.0
                return Claim(like * zone.factor * loose, field, caption, zone, read)
            # another form than the field's: what stands further is another caption's
            if zone.place == 0:
                return None
        return None

    def _marked(self, caption: Caption, field: int, like: float, say: Say) -> Claim | None:
        """The choice, or the yes or no, whose box is marked on the rest of the caption's line or on the next one."""
        following = self._reading.after(caption.row, 1)
        for row, start, end in ((caption.row, caption.end, None), *((row, *under(caption, row)) for row in following)):
            rest = row.text[start : min(self._next_colon(row, start), start + 300, end or len(row.text))]
            if _MARKS.search(rest) and (read := say(rest)):
                return Claim(like, field, caption, Zone(0, 1.0, row, start, len(row.text)), read)
            if rest.strip(" .:_"):
                return None
        return None

    def _box_before(self, caption: Caption) -> tuple[Zone, Read] | None:
        before = caption.row.text[max(caption.start - 5, 0) : caption.start]
        found = re.search(rf"({BOX})\s*$", before)
        if found is None:
            return None
        start = caption.start - len(before)
        is_marked = any(sign in found[1] for sign in "☒☑✓✔✗✘■⊠xX")
        zone = Zone(0, 1.0, caption.row, start, caption.start)
        return zone, Read(is_marked, found.start(1), found.end(1))

    def _following(self, caption: Caption) -> int:
        """Where the next caption of the same cell begins, or its text's end: of several beginnings the one that is
        most like a field, else the last."""
        end = row_offset(caption) + len(caption.cell.text)
        later = [one for one in self._starts[caption.row.at] if one.has_colon and caption.end <= one.start < end]
        if not later:
            return len(caption.row.text)
        colon = min(one.end for one in later)
        return max(
            (one for one in later if one.end == colon), key=lambda one: (self._best.get(one.key, 0.0), one.start)
        ).start

    def _next_colon(self, row: Row, start: int) -> int:
        starts = [one.start for one in self._starts[row.at] if one.has_colon and one.start > start]
        return min(starts, default=len(row.text))

    def _is_caption(self, zone: Zone) -> bool:
        """Whether what stands there announces something itself."""
        if zone.place == 0:
            return False
        if ENUMERATOR.match(zone.text):
            return True
        return any(
            one.has_colon or self._best.get(one.key, 0.0) >= _SURE
            for one in self._starts[zone.row.at]
            if zone.start <= one.start < zone.end
        )

    def _candidate(self, claim: Claim) -> Candidate:
        zone, read = claim.zone, claim.read
        span = zone.row.line.part(zone.start + read.start, zone.start + read.end)
        value = read.value
        if self._asked[claim.at].field.kind == "address":
            lines = lines_under(self._reading, zone, claim.caption, _MOST_LINES)
            under = list(takewhile(lambda one: not self._is_caption(one), lines))
            span = joined([span, *(one.row.line.part(one.start, one.end) for one in under)])
            value = ", ".join([str(value).rstrip(","), *(one.text.rstrip(",") for one in under)])
        return Candidate(value, zone.row.page, span, min(claim.score, 1.0))


def _style(balance: int) -> Style:
    if balance == 0:
        return ""
    return "below" if balance > 0 else "right"


class _Held:
    """The words that answer a field already."""

    def __init__(self, taken: Sequence[Candidate]) -> None:
        self._words: set[tuple[int, int]] = set()
        for one in taken:
            self.hold(one)

    def hold(self, one: Candidate) -> None:
        """Keeps the words of an answer from others."""
        self._words.update((one.page, index) for index in one.span.indices)

    def is_free(self, row: Row, start: int, end: int) -> bool:
        """Whether no word of these characters answers a field."""
        return all((row.page, index) not in self._words for index in row.line.part(start, end).indices)
