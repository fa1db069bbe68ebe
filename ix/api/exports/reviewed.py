"""Answers as people have put them right: what is taken away is that, and not what was read at first."""

from __future__ import annotations

from typing import Any

from ix.extraction.checked import CheckedResult
from ix.extraction.checks import found
from ix.extraction.review import judging


def reviewed(answer: bytes, entries: bytes, schema: bytes) -> dict[str, Any]:
    """The answer with every change that was kept: its result, the evidence of that, and what the checks find in it.
    All are JSON; `schema` is the result's."""
    review, response = judging.reviewed(schema, answer, entries)
    warnings = [*review.findings, *found(CheckedResult(review.result, review.schema))]
    return {
        **response,
        "result": review.result,
        "evidence": review.evidence,
        "warnings": [one.model_dump(mode="json") for one in warnings],
    }
