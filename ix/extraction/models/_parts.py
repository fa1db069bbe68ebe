"""A question in parts: single values and each list are asked apart, and long documents a few pages at a time.

    question ──plan──▶ parts: [pages 1-4: single values] [pages 1-4: lines] [pages 5-7: single values] …
    answers  ──joined──▶ one answer, in the order of the pages

A list that grows without end costs no single value then, and every part fits into the model's context: nothing is
dropped. Of a value that several parts say, an amount is the last one's, since totals end a document, and any other the
first one's; where they differ, a finding says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ix.config import Settings
from ix.extraction.evidence.folding import folded
from ix.extraction.findings import finding
from ix.extraction.models import Leaf, Question, Tree
from ix.extraction.models._answer import leaves
from ix.extraction.models._asking import answer_schema
from ix.extraction.models._failures import truncated
from ix.extraction.models._pictures import tokens_of
from ix.extraction.models._printed import printed_on
from ix.extraction.models._prompt import Prompt, compose
from ix.extraction.models._quotes import MOST_SHOWN
from ix.extraction.models._sheets import Sheet, sheets_of
from ix.extraction.models._tokens import TEMPLATE, most
from ix.fields import Field, KeptSchema, fields_of, once, resolve
from ix.job import Finding

LEAST_ROOM = 256
"""Tokens of a document that a part must have room for, or it is not worth asking."""
MOST_PARTS = 400
"""Parts of one question, at most."""


@dataclass(frozen=True, slots=True)
class Part:
    """One question to the server: the prompt, what it asks of `ix.fields` (`schema`), the schema of the answer, and
    which `pages` it shows, by index."""

    prompt: Prompt
    schema: Mapping[str, Any]
    form: Mapping[str, Any]
    pages: tuple[int, ...] = ()


def plan(question: Question, settings: Settings) -> list[Part]:
    """The parts of a question, pages first, then what is asked of them; empty where no page holds text. Raises
    `ModelError` (`model_truncated`) where instructions and answer leave no room for a document."""
    schemas = once(question.schema, _apart, lambda: [KeptSchema(each) for each in _apart(question.schema)])
    room = settings.model_context - settings.model_answer - TEMPLATE
    room -= max(most(compose(question, [], schema, answer_schema(schema)).text) for schema in schemas)
    sheets = [sheet for sheet in sheets_of(question.pages) if sheet.text or sheet.at in question.pictured]
    if room < LEAST_ROOM and sheets:
        raise truncated(
            f"instructions and answer leave {max(room, 0)} tokens for the document and IX_MODEL_CONTEXT allows "
            f"{settings.model_context}: raise it as far as the model and its machine allow, lower IX_MODEL_ANSWER, or "
            "ask for fewer fields"
        )
    packs = list(_packs(sheets, room, question.pictured))
    if len(packs) * len(schemas) > MOST_PARTS:
        raise truncated(
            f"the document takes {len(packs)} questions of IX_MODEL_CONTEXT={settings.model_context} tokens each: "
            "raise it as far as the model and its machine allow, or send fewer pages"
        )
    printed = printed_on(question.pages)
    forms = [(schema, answer_schema(schema, printed)) for schema in schemas]
    return [
        Part(compose(question, pack, schema, form), schema, form, tuple(dict.fromkeys(sheet.at for sheet in pack)))
        for pack in packs
        for schema, form in forms
    ]


def _apart(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The schema with its single values only, then with each of its lists."""
    whole = resolve(schema, schema)
    properties: Mapping[str, Any] = whole.get("properties", {})
    lists = [each.name for each in fields_of(schema) if each.kind == "rows"]
    if not lists:
        yield schema
        return
    for names in ([name for name in properties if name not in lists], *([name] for name in lists)):
        if names:
            yield {**whole, "properties": {name: properties[name] for name in names}}


def _packs(sheets: Sequence[Sheet], room: int, pictured: Sequence[int]) -> Iterator[list[Sheet]]:
    """The sheets, with their pictures, in as few packs as fit; one that does not fit alone is cut between lines."""
    pack, used = list[Sheet](), 0
    for piece in (piece for sheet in sheets for piece in _pieces(sheet, room - tokens_of([sheet.at], pictured))):
        needs = most(piece.text) + TEMPLATE + tokens_of([piece.at], pictured)
        if pack and used + needs > room:
            yield pack
            pack, used = [], 0
        pack.append(piece)
        used += needs
    if pack:
        yield pack


def _pieces(sheet: Sheet, room: int) -> Iterator[Sheet]:
    if most(sheet.text) + TEMPLATE <= room:
        yield sheet
        return
    piece, used = list[str](), TEMPLATE
    for line in sheet.text.splitlines():
        # and one for the line's end
        needs = most(line) + 1
        if piece and used + needs > room:
            yield replace(sheet, text="\n".join(piece))
            piece, used = [], TEMPLATE
        piece.append(line)
        used += needs
    yield replace(sheet, text="\n".join(piece))


# Putting together


def joined(
    answers: Sequence[Mapping[str, Tree]], schema: Mapping[str, Any]
) -> tuple[dict[str, Tree], tuple[Finding, ...]]:
    """One answer to `schema` from those of its parts, in their order, and a finding for each value of which they say
    different things."""
    found = list[Finding]()
    values = {
        field.name: _joined([answer[field.name] for answer in answers if field.name in answer], field, found)
        for field in fields_of(schema)
    }
    return values, tuple(found)


def _joined(trees: Sequence[Tree], field: Field, found: list[Finding]) -> Tree:
    if field.kind == "rows":
        return [row for tree in trees if isinstance(tree, list) for row in tree]
    if field.kind == "object":
        members = [tree for tree in trees if isinstance(tree, dict)]
        return {
            inner.name: _joined([each[inner.name] for each in members if inner.name in each], inner, found)
            for inner in field.fields
        }
    said = [tree for tree in trees if isinstance(tree, Leaf) and tree.value is not None]
    return _chosen(said, field, found) if said else Leaf(None)


def _chosen(said: Sequence[Leaf], field: Field, found: list[Finding]) -> Leaf:
    first, last = said[0], said[-1]
    chosen, case = (last, {"case": "last"}) if field.kind == "money" else (first, {})
    other = next((each for each in said if str(each.value).casefold() != str(chosen.value).casefold()), None)
    if other is not None:
        shown = {"value": str(chosen.value)[:MOST_SHOWN], "other": str(other.value)[:MOST_SHOWN]}
        found.append(finding("model_parts", field.path, field=field.path, **shown, **case))
    return chosen


def without_loops(values: dict[str, Tree], text: str) -> tuple[dict[str, Tree], tuple[Finding, ...]]:
    """An answer whose lists repeat a row no more often than the pages, whose text this is, print it: a model that
    loops writes the same one until it is stopped. A finding says how many were left out."""
    kept, found = dict[str, Tree](), list[Finding]()
    for name, tree in values.items():
        if not isinstance(tree, list):
            kept[name] = tree
            continue
        kept[name] = rows = _unlooped(tree, text)
        if len(rows) < len(tree):
            found.append(finding("model_loop", name, field=name, count=len(tree) - len(rows)))
    return kept, tuple(found)


def _unlooped(rows: Sequence[Tree], text: str) -> list[Tree]:
    counts, kept = dict[str, int](), list[Tree]()
    for row in rows:
        # what is longest is what other words say least by chance
        words = max((folded(leaf.quote or str(leaf.value)) for leaf in leaves(row) if leaf.value is not None), key=len)
        key = repr(row)
        counts[key] = counts.get(key, 0) + 1
        if counts[key] == 1 or counts[key] <= folded(text).count(words):
            kept.append(row)
    return kept
