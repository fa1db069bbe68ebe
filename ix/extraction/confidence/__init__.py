"""The confidence of a value: how likely it is right, 0 to 1.

    signs        what is known of a value: how well whoever found it thinks it is supported, the margin to the next
                 candidate, how well its words were read, a label beside it, a sum that proves it, …
    weights      how much each of them weighs, by kind of field: fitted to labelled documents
                 (`python -m training.calibrate`), of which `weights.json` is all that is left
    calibrating  both together, written into the evidence of an answer
    risk         which bar lets so few wrong values pass as somebody takes into account
    promising    what of an answer that bar says nothing of

Of 100 values with a confidence of 0.9 about 90 are right, where documents are like those that were labelled: receipts
and invoices, read by `rules`. What that does not cover has no such number: values of electronic invoices, codes and
persons are as sure as their source is; values of which a model says no confidence of its own keep the product that
`ix.extraction.evidence` explains, and those that stand nowhere have 0."""

from __future__ import annotations

from ix.extraction.confidence.calibrating import calibrate
from ix.extraction.confidence.promising import Promise, promise

__all__ = ["Promise", "calibrate", "promise"]
