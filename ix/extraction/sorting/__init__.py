"""What documents are before they are asked anything: where in a stack one ends, and which use case one is for.

    views        a page, and what of it tells: its number, title, letterhead, codes, totals
    boundaries   where a document ends and the next begins, with the reason
    kinds        which kind of document it is, with the reason

It runs in a child process and answers two calls, each with the words of the pages as its last blobs:

    {"do": "part", …}                  {"parts": [{"documents": [{"document", "pages"}], "reason"}, …]}
    {"do": "recognise", …}, the kinds  {"kind": "invoice", "reason": "…"}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ix import untrusted
from ix.extraction.findings import finding
from ix.extraction.page import Page, ReadPage
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.sorting import boundaries, kinds
from ix.job import Finding

CALLS = frozenset(("part", "recognise"))
MOST_LOOKED_AT = 50
"""Pages of a job that nobody asked to split in which documents are looked for: to be told that there are several needs
no more, and the answer does not wait for it."""


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Answers a call, as the module says."""
    words = blobs[-len(body["pages"]) :] if body["pages"] else []
    pages = [ReadPage.of(head, each).page() for head, each in zip(body["pages"], words, strict=True)]
    if body["do"] == "part":
        return {"parts": [part.told() for part in boundaries.parts(pages)]}, []
    kind, reason = kinds.recognised(pages, untrusted.load(blobs[0]), body["electronic"])
    return {"kind": kind, "reason": reason}, []


def findings(pages: Sequence[Page]) -> Iterator[Finding]:
    """That a file looks like a stack of documents, which are read as one: nobody has asked for them to be split."""
    documents: dict[int, list[Page]] = {}
    for page in pages[:MOST_LOOKED_AT]:
        documents.setdefault(page.document, []).append(page)
    for number, own in documents.items():
        # sheets of a workbook, and pages that a text was laid out on, came as one on purpose
        is_drawn = not all(page.laid_out for page in own)
        if is_drawn and len(own) > 1 and len(found := boundaries.parts(own)) > 1:
            begins = ", ".join(str(part.pages[0].number) for part in found)
            yield finding("looks_like_several", document=number, count=len(found), pages=begins)
