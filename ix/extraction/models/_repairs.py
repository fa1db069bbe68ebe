"""One more round for what a model got wrong: it is shown its answer, told what was asked for in which place, and asked
for these fields alone.

Once, and for single values only: a model that was wrong twice is wrong, and a table is not asked for again because of a
cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ix.extraction.models import Leaf
from ix.extraction.models._answer import Read
from ix.extraction.models._parts import Part
from ix.extraction.models._quotes import with_leaves
from ix.fields import fields_of, resolve

MOST_NAMED = 20
"""Fields that the round names, at most."""
MOST_SHOWN = 4_000
"""Characters of its answer that a model is shown."""


@dataclass(frozen=True, slots=True)
class Repair:
    """What is asked once more of the part with this number, by its messages and pages, and the schemas for that."""

    part: int
    messages: list[dict[str, str]]
    schema: Mapping[str, Any]
    form: Mapping[str, Any]
    pages: tuple[int, ...]


def repair_of(number: int, part: Part, written: str, read: Read | None) -> Repair | None:
    """What to ask again after an answer in which something is wrong; None where nothing is, or nothing that is asked
    for again. `read` is None where the answer could not be read at all."""
    rows = {each.name for each in fields_of(part.schema) if each.kind == "rows"}
    wrong = read.wrong if read is not None else {}
    named = [path for path in wrong if path.partition(".")[0] not in rows][:MOST_NAMED]
    if read is not None and not named:
        return None
    # where nothing could be read, everything is asked again
    names = dict.fromkeys(path.partition(".")[0] for path in named) or part.form["properties"]
    said = [f"- {path}: {wrong[path]} was asked for" for path in named] or ["- it is no JSON object as asked for"]
    order = (
        f"That answer cannot be used:\n{chr(10).join(said)}\nAnswer with one JSON object of {', '.join(names)} only."
    )
    messages = [
        *part.prompt.messages,
        # cut, since what cannot be read may be a loop that fills the context
        {"role": "assistant", "content": written[:MOST_SHOWN]},
        {"role": "user", "content": order},
    ]
    return Repair(number, messages, _only(part.schema, names), _only(part.form, names), part.pages)


def repaired(read: Read | None, again: Read) -> Read:
    """The first answer with what the second one put right."""
    if read is None:
        return again
    changed = {
        path: found for path in read.wrong if path not in again.wrong and (found := _at(again.values, path)) is not None
    }
    values = {name: with_leaves(tree, changed, name) for name, tree in read.values.items()}
    return Read(values, {path: what for path, what in read.wrong.items() if path not in changed}, read.lost)


def _only(schema: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    whole = resolve(schema, schema)
    left = {name: member for name, member in whole["properties"].items() if name in names}
    return {**whole, "properties": left, **({"required": list(left)} if "required" in whole else {})}


def _at(values: Any, path: str) -> Leaf | None:
    for step in path.split("."):
        values = values.get(step) if isinstance(values, dict) else None
    return values if isinstance(values, Leaf) else None
