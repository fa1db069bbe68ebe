"""Answers that a person has approved, as labels that later answers are measured by: lines of a `gold.jsonl`, as
`ix eval` reads them."""

from __future__ import annotations

from typing import Any

from ix.api.exports.tables import Answered, Known, in_order

FOLDER = "documents"
"""Where, beside the labels, the documents are to lie."""


def of(job: Answered, known: Known) -> dict[str, Any]:
    """The labels of a job's first document: the `gold` values in the schema's order, null where the document has none,
    and which of them are `printed` on its pages. Where the same file came with several jobs, `sha256` tells."""
    result = in_order(job.result, known)
    gold = result if isinstance(result, dict) else {}
    evidence = job.evidence if isinstance(job.evidence, dict) else {}
    return {
        "file": f"{FOLDER}/{_file_name(job)}",
        "gold": gold,
        "printed": {
            name: _is_printed(evidence.get(name))
            for name, value in gold.items()
            if value is not None and not isinstance(value, dict | list)
        },
        "use_case": job.head["use_case"],
        "sha256": job.head.get("sha256"),
        "ix_id": job.head["ix_id"],
        "approved_by": job.head.get("approved_by"),
        "approved_at": job.head.get("approved_at"),
    }


def _file_name(job: Answered) -> str:
    # a client may have called its document by a path, and labels are read where that leads
    name = str(job.head.get("document") or "").replace("\\", "/").rpartition("/")[2]
    return name if name not in ("", ".", "..") else str(job.head["ix_id"])


def _is_printed(node: Any) -> bool:
    return isinstance(node, dict) and node.get("match") not in (None, "none")
