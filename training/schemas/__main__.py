"""`python -m training.schemas [N]`: the rules over N made documents (400) of layouts seen and unseen, each with a
schema of its own, in one line each; `-f SEED` prints one with what went wrong (`-u`: of the unseen layouts). `-l FOLDER
…` asks labelled documents (`gold.jsonl`) as the built-in use case does and through two schemas with other names."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ix.extraction.layout import lines
from ix.extraction.models.rules.answer import answer
from training.schemas.labelled import measured
from training.schemas.papers import made
from training.schemas.trials import cells_f1, compared, precision, trial


def _print_one(seed: int, unseen: bool) -> None:
    paper = made(seed, unseen)
    for page in paper.pages:
        for line in lines(page):
            print("   |".join(cell.text for cell in line.cells))
    tree = answer(paper.pages, paper.schema)
    for name, value in paper.values.items():
        print(name, paper.schema["properties"][name].get("description", ""), "WANT", value, "GOT", tree[name])
    print(dict(compared(tree, paper.values)))


def _print_labelled(folders: list[str]) -> None:
    for folder in folders:
        found = asyncio.run(measured(Path(folder)))
        shares = ", ".join(f"{right / max(found.of, 1):.1%}" for right in found.right)
        print(f"{folder}: {found.of} values; built-in, flat names, objects: {shares} right")


def main() -> None:
    """Prints the trials."""
    if "-l" in sys.argv:
        _print_labelled(sys.argv[sys.argv.index("-l") + 1 :])
        return
    if "-f" in sys.argv:
        _print_one(int(sys.argv[-1]), "-u" in sys.argv)
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for name, unseen in (("seen", False), ("unseen", True)):
        found = trial(range(count), unseen)
        said = ", ".join(f"{key} {found[key]}" for key in ("right", "wrong", "missing", "invented", "rightly none"))
        print(f"{name:7} {said}; of those given {precision(found):.1%} right; cells F1 {cells_f1(found):.1%}")
        print(f"        tables {found['tables']}, empty {found['tables empty']}")


if __name__ == "__main__":
    main()
