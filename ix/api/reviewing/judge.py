"""Has answers judged (`ix.extraction.review.judging`): ordinary ones in a thread of web's own process; large ones, and
those of use cases from outside, whose models may do anything, in child processes, which can be stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import BaseModel
from pydantic_core import to_json

from ix.api.problems import RETRY_AFTER_SECONDS, Problem
from ix.config import MIB, Settings
from ix.database.reviews import StoredReview
from ix.errors import JobError, TimeLimitExceeded
from ix.use_cases import UseCase

if TYPE_CHECKING:
    from ix.extraction.processes.children import Children
    from ix.extraction.processes.frames import Frame

SMALL_BYTES = 64 * 1024
"""Of an answer, its changes and what was asked together, up to which web's own process judges it."""
SECONDS, PROCESSOR_SECONDS = 20.0, 5.0
"""Time by the clock, and of a processor, that one call may take in a child."""
MEMORY = 768 * MIB
"""Of such a process: the largest answer, as values, and what is made of it."""
TASK = "ix.extraction.review.judging"
OWN = "ix.use_cases"
"""The package whose models are ix's own."""
NO_SCHEMA = b'{"type": "object", "properties": {}}'
"""Of a use case that is not installed any more."""


class _Shape(NamedTuple):
    """The schema of a result, what a child finds its model by, and whether that is somebody else's."""

    schema: bytes
    model: Mapping[str, Any] | None
    is_foreign: bool


class Judge:
    """Judges answers. `use_cases` are those whose answers there may be."""

    def __init__(self, settings: Settings, use_cases: Mapping[str, UseCase]) -> None:
        self._settings = settings
        self._use_cases = use_cases
        self._shapes: dict[str, _Shape] = {}
        self._children: Children | None = None

    async def review(self, stored: StoredReview, asked: bytes = b"") -> tuple[Mapping[str, Any], Sequence[bytes]]:
        """The review with the changes that are asked for: how many points are open and how many entries the changes
        make; then in JSON the review, the entries, and what is kept of it once approved. Raises `Problem`."""
        return await self._judge("review", stored, [stored.answer or b"{}", stored.corrections, asked])

    async def check(self, stored: StoredReview, asked: bytes) -> bytes:
        """What is wanting in a result, in JSON. Raises `Problem`."""
        return (await self._judge("check", stored, [stored.answer or b"{}", asked]))[1][0]

    async def value(self, stored: StoredReview, asked: Mapping[str, Any], words: Sequence[bytes] = ()) -> bytes:
        """A value with its evidence, in JSON, of packed words or of a text. Raises `Problem`."""
        return (await self._judge("pick" if words else "type", stored, words, **asked))[1][0]

    async def stop(self) -> None:
        """Ends the child processes, also those at work."""
        if self._children:
            await self._children.stop()

    async def _judge(self, do: str, stored: StoredReview, blobs: Sequence[bytes], **more: Any) -> Frame:
        shape = self._shape(stored)
        body = {"do": do, "bar": self._settings.review_bar, "shape": shape.model, **more}
        blobs = [shape.schema, *blobs]
        # the schema is parsed once, and does not count
        is_small = not shape.is_foreign and sum(map(len, blobs)) - len(shape.schema) <= SMALL_BYTES
        answer = await (self._here if is_small else self._apart)(body, blobs, stored)
        if refused := answer[0].get("refused"):
            detail = "; ".join(f"{one['field']}: {one['message']}" for one in refused[:5])
            raise Problem(422, detail, refused)
        return answer

    async def _here(self, body: Mapping[str, Any], blobs: Sequence[bytes], stored: StoredReview) -> Frame:
        return await asyncio.to_thread(_handled, body, blobs)

    async def _apart(self, body: Mapping[str, Any], blobs: Sequence[bytes], stored: StoredReview) -> Frame:
        from ix.extraction.processes.children import ChildDied

        # without the model, where its own checks fail or take too long: what ix finds is found all the same
        for shape in [body["shape"], None] if body["shape"] else [None]:
            try:
                return await self._pool().call(
                    {**body, "shape": shape},
                    blobs,
                    seconds=SECONDS,
                    processor=PROCESSOR_SECONDS,
                    owner=(stored.client_id, ""),
                )
            except TimeLimitExceeded:
                continue
            except (ChildDied, JobError):
                continue
        raise Problem(
            503,
            "the answer takes more time or memory to judge than there is; try again",
            headers={"retry-after": RETRY_AFTER_SECONDS},
        )

    def _pool(self) -> Children:
        from ix.extraction.processes import names
        from ix.extraction.processes.children import Children

        if self._children is None:
            models = [case.result for case in self._use_cases.values() if case.result is not None]
            known = {names.of_module(model.__module__): None for model in models}
            self._children = Children(
                TASK,
                self._settings.body_workers,
                MEMORY,
                modules=list(known),
                # in time for the next, as with large bodies
                ahead=True,
                readable=[self._settings.use_case_dir],
            )
        return self._children

    def _shape(self, stored: StoredReview) -> _Shape:
        # `auto` answers as another use case, unless that is not installed any more
        name = stored.use_case
        if stored.answered_as in self._use_cases:
            name = stored.answered_as or name
        case = self._use_cases.get(name)
        if case is None or case.result is None:
            return _Shape(stored.schema or NO_SCHEMA, None, is_foreign=False)
        # pydantic makes a schema anew at each call
        if name not in self._shapes:
            self._shapes[name] = _shape_of(case.result)
        return self._shapes[name]


def _shape_of(model: type[BaseModel]) -> _Shape:
    from ix.extraction import shapes

    schema = to_json(model.model_json_schema(mode="serialization"))
    is_foreign = not model.__module__.startswith(f"{OWN}.")
    # one that a JSON Schema describes minds nothing that the checks do not
    if hasattr(model, "made_by") and not is_foreign:
        return _Shape(schema, None, is_foreign=False)
    try:
        return _Shape(schema, shapes.reference(model), is_foreign)
    except JobError:
        return _Shape(schema, None, is_foreign=False)


def _handled(body: Mapping[str, Any], blobs: Sequence[bytes]) -> Frame:
    # not at web's start: most web processes see no reviewer
    from ix.extraction.review import judging

    try:
        return judging.handle(dict(body), list(blobs))
    except JobError:
        return judging.handle({**body, "shape": None}, list(blobs))
