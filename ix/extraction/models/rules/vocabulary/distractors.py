"""Distractors: labels that announce a value which nobody asked for.

"Delivery date" reads like the label "date", and its value like the one wanted. So these are looked for as the fields'
own labels are, and own their words where they are found; where a field has one of them for a label itself, it still
tells of no date or number of the document's own."""

from __future__ import annotations

from ix.languages import merged, phrases

DISTRACTORS = phrases(merged().distractors)
