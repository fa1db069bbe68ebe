"""Labelled documents for measurements within this process: which fields of the labels a use case has, and how they are
compared (`bench.scoring`). Through the whole service it is `ix eval` that measures."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench import scoring

USE_CASES = {"receipt": scoring.RECEIPT_FIELDS, "invoice": scoring.INVOICE_FIELDS}


def labelled(folder: Path) -> list[dict[str, Any]]:
    """The lines of the folder's `gold.jsonl`. Exits with a message where there is none."""
    path = folder / "gold.jsonl"
    if not path.is_file():
        sys.exit(f"{path} does not exist: name a folder of labelled documents, see `ix eval --help`")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def use_case_of(labels: Sequence[Mapping[str, Any]]) -> str:
    """The use case that shares the most fields with the labels."""
    names = {name for label in labels for name in label["gold"]}
    return max(USE_CASES, key=lambda use_case: len(names & USE_CASES[use_case].keys()))
