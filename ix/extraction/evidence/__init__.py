"""The place step: where on the pages does each value of an answer stand?

`place` gives a tree parallel to the result. Its nodes, for every value that is not null:

    {"method": "extract" | "derive",                      printed there, or concluded from what is printed there
     "match": "exact" | "normalised" | "fuzzy" | "none",  how the quote was found in the words a person can see
     "document": 0, "page": 1,                            index of the document; page within it, from 1
     "quote": "as printed",                               the value's own characters; when match is none, what the
                                                          backend quoted
     "boxes": [[x0, y0, x1, y1], …],                      around these characters, one box a line, fractions of the page
     "confidence": 0.97}

On a page that lies askew (a photo, a slanted scan) a box is the upright one around where the line lies on the page as
the client has it: page and boxes are never those of a page made straight.

When match is none, document and page are null and boxes are empty. A value that a QR or bar code says and print does
not has `"source": "code"` beside these, see `ix.extraction.evidence.coded`.

A value that does not come from the pages says where it comes from: `"source": "xml"` is an electronic invoice's
(`ix.extraction.einvoice`), with its `path` there. It is sought on the pages like any other, and is as sure (1.0, 0.5
where the pages contradict it) whether it stands there or not.

A quote is looked for letter by letter, then folded (case, accents, spaces, punctuation), then as the amount or date
that the value is, then fuzzily: text with `wordindex.FUZZY_SCORE`, everything else only with letters undone that OCR
takes for digits. Without a quote the value itself is looked for.

Quote and boxes are the value's own: of `RM 11.40` it is `11.40`, of `Date:05/03/2019` the date. Words that hold more
are cut where its characters begin and end (`own`), by how wide characters usually are (`cutting`). Where the words
print no value but support one (a sum, a choice, yes or no), all of them are quoted; words read fuzzily are whole.

    confidence = mean confidence of these words x match (exact 1, normalised 0.95, fuzzy 0.9 x likeness, none 0)
                 x the backend's own confidence (1 if it gave none) x (0.9 if derived)

It is a product of independent doubts, good for sorting. Where the backend gave a confidence of its own, what is known
of the value makes a probability of it afterwards (`ix.extraction.confidence`).

    leaf ──quote, or value──▶ Search ──folding──▶ hits ──agreement──▶ supports ──Chooser──▶ own part ──▶ evidence node

What is placed and yet in doubt is a finding (`doubts`): a number with two readings, a credit note with positive sums.
"""

from __future__ import annotations

from ix.extraction.evidence.coded import compared
from ix.extraction.evidence.found import Found
from ix.extraction.evidence.placing import Placed, place

__all__ = ["Found", "Placed", "compared", "place"]
