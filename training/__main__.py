"""`python -m training DATA`: fits the weights of the rules on labelled documents, and says whether they help.

DATA is a folder with labelled sets (`training.documents.SETS`). For each task the table compares, on issuers and on
sources that were kept apart, the hand-written weights with learned ones; then weights are fitted on all documents and
written into the package, unless `--dry`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ix.extraction.models.rules.weighing.scorer import WEIGHTS
from training.documents import OTHER_LAYOUTS, SETS, labelled
from training.fitting import fitted, header
from training.generated import NOISE, generated, invented
from training.tasks import Decision, Task, all_tasks
from training.trials import table

OTHERS = 150
"""Generated documents of other layouts that are judged."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains every task that is named, or all."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the labelled sets")
    parser.add_argument("--pages", type=Path, default=Path(".ix/pages"), help="where pages that were read are kept")
    parser.add_argument("--task", action="append", help="a task by name; all without")
    parser.add_argument("--set", action="append", help="a labelled set; all that are there without")
    parser.add_argument("--dry", action="store_true", help="print the tables, write nothing")
    options = parser.parse_args(arguments)
    documents = labelled(options.data, options.pages, options.set or SETS)
    for task in all_tasks():
        if options.task and task.name not in options.task:
            continue
        seen = [*documents, *invented(task), *generated("invoice", OTHERS, NOISE, OTHER_LAYOUTS, layouts="test")]
        decisions = [one for document in seen for one in task.gather(document)]
        print("\n".join(table(task, decisions)), flush=True)
        if not options.dry:
            write(WEIGHTS, task, [one for one in decisions if one.teaches])


def write(folder: Path, task: Task, decisions: Sequence[Decision]) -> None:
    """Fits a task's weights on all decisions and writes them: the header, then a line for each list."""
    weights: dict[str, Any] = {"made": header(task, decisions), **fitted(task, decisions)}
    (folder / f"{task.name}.json").write_text(json.dumps(weights, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
