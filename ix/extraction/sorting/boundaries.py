"""Where in a stack of pages one document ends and the next begins.

What speaks for a boundary between two pages, and against it, is weighed: page numbers above all, then document numbers,
letterheads, totals and headings. What is printed anew on each page of a document (its number, its seller) and what is
not (a heading, a total) is general; no layout is known. A wrong cut makes two wrong jobs of a right one, a missed one
leaves two documents in one job, which its findings tell of: so a cut needs clearly more for it than against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from ix.extraction.page import Page
from ix.extraction.sorting.views import Mark, View, alike

ENOUGH = 2.5
"""Weight from which a boundary is one. Chosen with `python -m bench.stacks`."""
FIRST = "it is the first"


class Said(NamedTuple):
    """How much something speaks for a boundary, negative against it, and what it is, for people."""

    weight: float
    why: str


class Part(NamedTuple):
    """The pages of one document, in order, and why it begins where it does."""

    pages: Sequence[Page]
    reason: str

    def told(self) -> dict[str, Any]:
        """The part as JSON, for whoever asked for it."""
        documents = [
            {"document": document, "pages": [page.number for page in pages]}
            for document, pages in groupby(self.pages, lambda page: page.document)
        ]
        return {"documents": documents, "reason": self.reason}


def parts(pages: Sequence[Page]) -> list[Part]:
    """The documents that the pages are, in order; blank pages between two of them belong to none. One where they are
    all of one document, or blank."""
    views = [View(page) for page in pages]
    written = [view for view in views if not view.is_blank]
    if len(written) < 2:
        return [Part(pages, FIRST)]
    blanks = _blanks_before(views)
    found, reason, begun = [], FIRST, [written[0]]
    for before, after in pairwise(written):
        said = boundary(before, after, blanks.get(id(after), 0))
        if said.weight >= ENOUGH:
            found.append(Part([view.page for view in begun], reason))
            begun, reason = [], said.why
        begun.append(after)
    return [*found, Part([view.page for view in begun], reason)]


def _blanks_before(views: Sequence[View]) -> dict[int, int]:
    """How many blank pages stand before each that is not."""
    blanks, run = {}, 0
    for view in views:
        if not view.is_blank:
            blanks[id(view)] = run
        run = run + 1 if view.is_blank else 0
    return blanks


def boundary(before: View, after: View, blanks: int = 0) -> Said:
    """How much speaks for a boundary between two pages with so many blank ones between them, all in all, and what
    speaks for it most."""
    if _goes_on(before.mark, after.mark):
        # nothing could outweigh it, and most documents of many pages are numbered
        return Said(-ENOUGH, "")
    said = [*_numbered(before, after), *_named(before, after), *_headed(before, after), *_ended(before, after)]
    if before.page.document != after.page.document:
        said.append(Said(2.5, "another file begins"))
    if blanks:
        said.append(Said(2.0, "a blank page stands before it"))
    most = max(said, default=Said(0.0, ""))
    return Said(sum(one.weight for one in said), most.why)


def _goes_on(last: Mark | None, mark: Mark | None) -> bool:
    return bool(last and mark and mark.number == last.number + 1 and mark.of == last.of)


def _numbered(before: View, after: View) -> Iterator[Said]:
    """What the numbers of the two pages say."""
    last, mark = before.mark, after.mark
    if mark and mark.number == 1:
        yield Said(4.0, f"its page number is {mark}")
    elif mark:
        yield Said(-2.0, "")
    if last and last.of and last.number < last.of and not (mark and mark.number == 1):
        yield Said(-3.0, "")
    if last and last.of and last.number == last.of and not (mark and mark.of == last.of):
        yield Said(2.0, f"page {last} ends the one before")


def _named(before: View, after: View) -> Iterator[Said]:
    """What numbers of documents, and codes of businesses, say."""
    if before.numbers & after.tokens or after.numbers & before.numbers:
        yield Said(-4.0, "")
    elif before.numbers and after.numbers:
        yield Said(2.5, f"it has a number of its own, {min(after.numbers)}")
    if before.parties and after.parties:
        shared = before.parties & after.parties
        yield Said(-0.5, "") if shared else Said(2.0, "it names another business")


def _headed(before: View, after: View) -> Iterator[Said]:
    """What headings, letterheads and footers say."""
    if after.carries_on or before.goes_on:
        yield Said(-4.0, "")
    if not after.opens:
        yield Said(-2.0, "")
    if after.title:
        yield Said(1.0, f"it has a title, {after.title}")
    likeness = alike(before.head, after.head)
    if likeness < 0.1 and len(after.head) > 3:
        yield Said(1.5 if after.has_letterhead else 0.5, "its letterhead is another")
    # what continues repeats its letterhead on sheets; on a roll it is another receipt of the same shop
    if likeness > 0.6 and not after.title and not after.is_roll:
        yield Said(-1.0, "")
    if alike(before.foot, after.foot) > 0.5 and len(before.foot) > 4:
        yield Said(-0.5, "")
    if before.dates and after.dates and not before.dates & after.dates:
        yield Said(0.5, "its dates are others")
    if abs(before.page.width / before.page.height - after.page.width / after.page.height) > 0.03:
        yield Said(1.0, "its pages have another shape")


def _ended(before: View, after: View) -> Iterator[Said]:
    """What totals on the two pages say."""
    if before.has_total and after.has_total:
        yield Said(1.0, "it has a total of its own")
        if before.is_roll and after.is_roll:
            yield Said(1.5, "each is a receipt with its total")
    elif not before.has_total:
        yield Said(-1.5, "")
    if before.has_total and after.dates and (after.title or after.numbers):
        yield Said(0.5, "the one before has reached its total")
