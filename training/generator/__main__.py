"""`python -m training.generator`: writes labelled documents as `ix eval` reads them."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from ix.extraction.page import packed_words
from training.generator.making import KINDS, Made, documents


def main() -> None:
    asked = arguments()
    folder: Path = asked.out
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    made = documents(asked.kind, asked.count, asked.seed, asked.layouts, asked.noise, asked.language)
    with (folder / "gold.jsonl").open("w") as labels:
        for number, one in enumerate(made, 1):
            labels.write(json.dumps(label(one, write(one, folder, number, asked.pages)), ensure_ascii=False) + "\n")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.generator", description=__doc__)
    parser.add_argument("--kind", required=True, choices=sorted(KINDS))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--out", type=Path, required=True, help="folder that gets gold.jsonl and documents/")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--layouts", choices=("train", "test"), default="train")
    parser.add_argument("--language", action="append", default=[], help="only these, by ISO 639-1; may be repeated")
    parser.add_argument("--pages", action="store_true", help="words with boxes as JSON instead of PDFs")
    parser.add_argument("--noise", type=float, default=0.0, help="of the words, 0 to 1; PDFs have none")
    return parser.parse_args()


def write(one: Made, folder: Path, number: int, as_pages: bool) -> str:
    """Writes a document; gives its name within the folder."""
    name = f"documents/{number:05}.{'json' if as_pages else 'pdf'}"
    if as_pages:
        pages = [{"width": p.width, "height": p.height, "words": json.loads(packed_words(p.words))} for p in one.pages]
        (folder / name).write_text(json.dumps(pages, ensure_ascii=False))
    else:
        # here, since nothing else needs reportlab
        from training.generator.pdf import pdf

        (folder / name).write_bytes(pdf(one.sheets))
    return name


def label(one: Made, file: str) -> dict[str, Any]:
    """A line of `gold.jsonl`."""
    return {
        "file": file,
        "use_case": one.use_case,
        "language": one.language,
        "layout": one.layout,
        "group": f"{one.language}/{one.layout}",
        "gold": plain(one.gold),
        "printed": dict(one.printed),
    }


def plain(value: Any) -> Any:
    """A value as JSON has it: days as YYYY-MM-DD, decimals as numbers."""
    if isinstance(value, Mapping):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(member) for member in value]
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value


if __name__ == "__main__":
    main()
