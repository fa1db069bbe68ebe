"""What web asks of an answer that a person looks at. Small ones are judged in web's own process, those that grow with
what a client sent, or that concern a model of a use case from outside, in a child (`ix.extraction.processes.child`).

    {"do": "review", …}, schema, answer, entries, changes   the review after the changes, the entries that they make,
                                                            and what is kept of it once it is approved
    {"do": "check", …}, schema, answer, a result            what is wanting in the result, and its sums
    {"do": "pick", …}, schema, words of the page            a value with its evidence
    {"do": "type", …}, schema                               a value

All blobs are JSON in bytes. What cannot be accepted comes back as `{"refused": {"field", "message"}}`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from ix import untrusted
from ix.errors import InvalidInput
from ix.extraction import shapes
from ix.extraction.checked import CheckedResult
from ix.extraction.checks import found
from ix.extraction.findings import OF_RESULTS
from ix.extraction.page import Page, contents
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.review import picked
from ix.extraction.review.changes import MOST_ENTRIES, Changes, Checkable, Entry
from ix.extraction.review.paths import at, nodes, target, without_indices
from ix.extraction.review.points import Rules, points
from ix.extraction.review.replay import Review
from ix.extraction.review.sums import sums
from ix.fields import Field as ResultField
from ix.fields import KeptSchema, fields_of
from ix.job import Finding, Point
from ix.job.ordered import in_order, restored

MOST_READINGS = 200
"""Values of an approved answer that are kept for the curve of the bar."""
MOST_TOLD = 64 * 1024
"""Bytes of a reviewed result up to which a callback carries it."""
_STORED = TypeAdapter(list[Entry])
_POINTS = TypeAdapter(list[Point])
_FINDINGS = TypeAdapter(list[Finding])


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Answers a call, as the module says."""
    try:
        return _DEEDS[body["do"]](body, blobs)
    except InvalidInput as error:
        return {"refused": [{"field": error.field or "body", "message": error.message}]}, []
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        return {
            "refused": [
                {"field": ".".join(map(str, one["loc"])) or "body", "message": one["msg"]} for one in problems[:20]
            ]
        }, []


def reviewed(schema: bytes, answer: bytes, entries: bytes) -> tuple[Review, Mapping[str, Any]]:
    """The answer with every change that was kept, in JSON as `ix.database.reviews` gives them, its `result` and
    `evidence` as they are now; and the answer as it was read. `schema` is the result's, in JSON."""
    review, response = _opened(_schema(schema), answer)
    review.replay(_STORED.validate_python(untrusted.load(entries)))
    return review, response


# Deeds


def _review(body: Body, blobs: list[bytes]) -> Frame:
    schema, answer, entries, asked = blobs
    review, response = reviewed(schema, answer, entries)
    # first what is changed, then what is found in that, and last what of it is confirmed
    made = list(_made(review, untrusted.parse(asked))) if asked else []
    warnings, open_points = _judged(review, response, body)
    made += _confirmed(review, untrusted.parse(asked)["changes"], open_points) if asked else []
    unsettled = [one for one in open_points if one.code not in review.confirmed.get(one.path, ())]
    known: list[dict[str, Any]] = untrusted.load(entries)
    if made and len(known) + len(made) > MOST_ENTRIES:
        raise InvalidInput("changes", f"are too many: {MOST_ENTRIES} are kept of one job")
    view = {
        "corrections": [one for one in known if one["op"] not in ("confirm", "unconfirm")],
        "points": unsettled,
        "confirmed": sorted(review.confirmed),
        "touched": sorted(review.touched),
        "result": review.result,
        "evidence": review.evidence,
        "warnings": warnings,
    }
    told = to_json(review.result)
    kept = {"readings": _readings(review), "result": untrusted.load(told) if len(told) <= MOST_TOLD else None}
    return {"points": len(unsettled), "entries": len(made)}, [to_json(view), to_json(made), to_json(kept)]


def _check(body: Body, blobs: list[bytes]) -> Frame:
    schema, answer, asked = blobs
    given = Checkable.model_validate(untrusted.parse(asked))
    review, response = _opened(_schema(schema), answer)
    evidence = review.evidence if given.evidence is None else given.evidence
    # whatever differs from what was read is a person's: only a check can be against it
    touched = set(_differing(review.result, given.result, ""))
    kept = [one for one in review.findings if not one.path or one.path not in touched]
    changed = Review(review.schema, given.result, evidence, kept, dict.fromkeys(touched, (None, None)))
    warnings, wanting = _judged(changed, response, body)
    declared = sums(CheckedResult(given.result, review.schema))
    told = {
        "warnings": warnings,
        "points": wanting,
        "sums": [{"path": one.path, "terms": one.terms, "holds": one.holds} for one in declared],
    }
    return {}, [to_json(told)]


def _pick(body: Body, blobs: list[bytes]) -> Frame:
    schema, packed = blobs
    field = _field(body["path"], _schema(schema))
    read = contents(zlib.decompress(packed))
    # what else there is of a page does not matter here
    page = Page(body["page"], body["width"], body["height"], read.words, document=body["document"], quad=read.quad)
    return {}, [to_json(picked.picked(page, body["words"], field, body["language"]))]


def _type(body: Body, blobs: list[bytes]) -> Frame:
    field = _field(body["path"], _schema(blobs[0]))
    return {}, [to_json(picked.typed(body["text"], field, body["language"]))]


_DEEDS: Mapping[str, Callable[[Body, list[bytes]], Frame]] = {
    "review": _review,
    "check": _check,
    "pick": _pick,
    "type": _type,
}


# Steps of a review


def _opened(schema: Mapping[str, Any], answer: bytes) -> tuple[Review, Mapping[str, Any]]:
    """The answer as it was read."""
    response: dict[str, Any] = untrusted.load(answer)
    result, evidence = (in_order(response.get(name), schema) for name in ("result", "evidence"))
    warnings = _FINDINGS.validate_python(response.get("warnings") or [])
    # what can be found in any result is found again
    kept = [one for one in warnings if one.code not in OF_RESULTS]
    review = Review(
        schema, result if isinstance(result, dict) else {}, evidence if isinstance(evidence, dict) else {}, kept
    )
    return review, response


def _made(review: Review, asked: Any) -> Iterator[Entry]:
    """The entries of the changes, which are made on the way. Raises `InvalidInput` naming the change."""
    for number, change in enumerate(Changes.model_validate(asked).changes):
        try:
            if entry := review.entry(change):
                yield entry
        except InvalidInput as error:
            raise InvalidInput(f"changes.{number}.{error.field}".rstrip("."), error.message) from None


def _confirmed(review: Review, changes: Sequence[Mapping[str, Any]], wanting: Sequence[Point]) -> list[Entry]:
    """What is confirmed, once all else is done: the points that are there then."""
    made = []
    for path, confirmed in {one["path"]: one.get("confirmed") for one in changes}.items():
        if confirmed:
            made.append(review.confirm(path, frozenset(one.code for one in wanting if one.path == path)))
        elif confirmed is False:
            made.append(review.unconfirm(path))
    return made


def _judged(review: Review, response: Mapping[str, Any], body: Body) -> tuple[list[Finding], list[Point]]:
    """What the checks find in the result as it is now, and what of it wants a person's eyes."""
    checked = CheckedResult(review.result, review.schema)
    warnings = [*review.findings, *found(checked)]
    known = {one.path for one in warnings}
    if body.get("shape"):
        warnings += [one for one in shapes.minded(review.result, body["shape"]) if one.path not in known]
    wanting = list(points(checked, review.evidence, warnings, _rules(response, body), review.touched))
    # drawn once, when it was read
    drawn = [one for one in _POINTS.validate_python(response.get("points") or []) if one.code == "sampled"]
    return warnings, [*drawn, *wanting]


def _rules(response: Mapping[str, Any], body: Body) -> Rules:
    """Those that the answer was made by: the bar that kept a risk then does so still, whatever ix has learned since."""
    usage = response.get("usage")
    kept = usage.get("risk") if isinstance(usage, dict) else None
    # use cases from outside say what they like there
    if isinstance(kept, dict) and all(isinstance(kept.get(name), float) for name in ("asked", "bar")):
        return Rules(kept["bar"], risk=kept["asked"])
    return Rules(body["bar"])


def _readings(review: Review) -> list[tuple[str, float, bool]]:
    """Of each value that was read: its field, how sure that was, and whether a person gave another."""
    read = [
        (path, node["confidence"], False)
        for path, node in nodes(review.evidence)
        if path not in review.touched and node.get("source") != "person"
    ]
    for path, (was, seen) in review.touched.items():
        is_other = at(review.result, target(path, review.schema).steps) != was
        read += [(path, node["confidence"], is_other) for _, node in nodes(seen) if was is not None]
    return [(without_indices(path), sure, is_other) for path, sure, is_other in read[:MOST_READINGS]]


def _differing(was: Any, now: Any, path: str) -> Iterator[str]:
    """The paths of the values that differ."""
    if isinstance(was, dict) and isinstance(now, dict):
        for name in {**was, **now}:
            yield from _differing(was.get(name), now.get(name), f"{path}.{name}" if path else name)
    elif isinstance(was, list) and isinstance(now, list):
        for number in range(max(len(was), len(now))):
            one, other = (rows[number] if number < len(rows) else None for rows in (was, now))
            yield from _differing(one, other, f"{path}.{number}")
    elif isinstance(now, dict | list):
        yield from _differing([] if isinstance(now, list) else {}, now, path)
    elif was != now or type(was) is not type(now):
        yield path


def _field(path: str, schema: Mapping[str, Any]) -> ResultField:
    try:
        found = target(path, schema)
    except InvalidInput as error:
        raise InvalidInput("path", error.message) from None
    holder = {"type": "object", "properties": {found.name: found.spec}}
    field = fields_of(holder, "", schema)[0]
    if field.kind in ("rows", "object"):
        raise InvalidInput("path", "names a table or a group, not a value")
    return field


@lru_cache(maxsize=32)
def _schema(written: bytes) -> KeptSchema:
    return KeptSchema(restored(untrusted.load(written)))
