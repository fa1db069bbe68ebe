"""Which JSON Schemas can describe a result: those that clients and folders bring.

Whoever reads a schema follows its references, and does so again for each place that refers: `ix.fields`, the prompt,
the answer that a model is asked for, the checks. So what a schema costs is what it *unfolds* to, which may be far more
than what is written: ten references to a node that has ten references to another are a hundred of that one. The check
walks the same way, counting, and gives up at a limit; each node is looked into but once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError

from ix.fields import ELECTRONIC, Kind, target

MAX_DEPTH: Final = 8
"""Levels below the root; a model's answer is asked for in this shape, and deeper ones come back wrong."""
MAX_PROPERTIES: Final = 200
"""Over all levels, each reference counted as what it stands for, those left out that electronic invoices alone fill."""
MAX_VISITS: Final = 2_000
"""Schemas in the schema, each reference counted as what it stands for: a property may be an `anyOf` of a few."""
MAX_TEXT: Final = 300_000
"""Characters of names, descriptions, labels and choices, counted likewise: it is what a prompt may hold of them."""
MAX_LABELS: Final = 4_000
"""Labels, counted likewise: each is looked for on every page."""
MAX_HEADLINE: Final = 8
"""Fields that a list shows in one line."""
MAX_EXAMPLES: Final = 3
"""Worked examples that models are shown, each at most `MAX_EXAMPLE` characters: every one costs as much as a page."""
MAX_EXAMPLE: Final = 4_000
MAX_NODES: Final = 5_000
"""Members of the schema as it is written, so that a walk through it has an end."""
MAX_NAME: Final = 200
"""Characters of a property's name or a reference: paths are made of them."""
MAX_BATCH_VISITS: Final = 100_000
"""Of all the different schemas of one batch together."""
REMEMBERED: Final = 8
"""Schemas of a batch of which a repetition is known, and costs no visit."""
_ENTRY = 8
"""What a member of a list or an object counts as, in characters, beside its text."""
_TYPES = frozenset(("string", "number", "integer", "boolean", "object", "array", "null"))
_ROOT = "schema"

Name = Annotated[str, StringConstraints(max_length=MAX_NAME)]


class SchemaBudget:
    """What the schemas of one request may cost together. A batch has one for all of its jobs: pydantic passes it to
    validators as their context."""

    def __init__(self, visits: int = MAX_BATCH_VISITS) -> None:
        self.visits = visits
        self._accepted: list[Mapping[str, Any]] = []

    def knows(self, schema: Mapping[str, Any]) -> bool:
        """Whether an equal schema was accepted lately: the jobs of a batch mostly share one."""
        return schema in self._accepted

    def accept(self, schema: Mapping[str, Any]) -> None:
        """Remembers an accepted schema, and forgets the one that was accepted longest ago."""
        self._accepted = [*self._accepted[1 - REMEMBERED :], schema]

    def spend(self) -> None:
        """One visit more. Raises `ValueError` when all are spent."""
        self.visits -= 1
        if self.visits < 0:
            raise ValueError(
                f"{_ROOT} is one too many: those of the batch unfold to more than {MAX_BATCH_VISITS} nodes"
            )


def check_schema(schema: Mapping[str, Any], budget: object = None) -> None:
    """Raises `ValueError`, naming the place, unless this is an object schema that every backend can take: local,
    shallow and small, also when its references are unfolded. `budget` may be a `SchemaBudget`."""
    shared = budget if isinstance(budget, SchemaBudget) else SchemaBudget()
    if shared.knows(schema):
        return
    if (
        schema.get("type", "object") != "object"
        or not isinstance(schema.get("properties"), Mapping)
        or not schema["properties"]
    ):
        raise ValueError(f"{_ROOT} must be of type object with at least one property")
    if _too_many(_nodes(schema), MAX_NODES):
        raise ValueError(f"{_ROOT} is larger than {MAX_NODES} nodes")
    _Walk(schema, shared).visit(schema, _ROOT, 0)
    shared.accept(schema)


class _Sum(BaseModel):
    total: Name
    parts: list[Name] = Field(max_length=MAX_PROPERTIES)


class _Running(BaseModel):
    rows: Name
    amount: Name
    start: Name
    end: Name
    balance: Name = ""
    carried: Name = ""


class _Example(BaseModel):
    """A worked example for models: a page's text, and the answer to it."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(max_length=MAX_EXAMPLE)
    answer: dict[str, JsonValue]


class _Extra(BaseModel):
    """What the keyword `x-ix` may hold; `ix.fields` says what it means."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind | None = None
    labels: list[Name] = []
    source: Literal["", "xml", "mrz"] = ""
    side: Literal["", "issuer", "counterpart"] = ""
    expected: bool = False
    bar: float | None = Field(default=None, ge=0, le=1)
    risk: float | None = Field(default=None, gt=0, le=0.5)
    einvoice: bool = False
    headline: list[Name] = Field(default=[], max_length=MAX_HEADLINE)
    sums: list[_Sum] = Field(default=[], max_length=MAX_PROPERTIES)
    examples: list[_Example] = Field(default=[], max_length=MAX_EXAMPLES)
    order: list[Annotated[list[Name], Field(min_length=2, max_length=2)]] = Field(default=[], max_length=MAX_PROPERTIES)
    running: _Running | None = None
    mrz: Name = ""


class _Keywords(BaseModel):
    """The keywords that are read, wherever they stand, in the form in which they can be."""

    title: str = ""
    description: str = ""
    format: Name = ""
    enum: list[JsonValue] = []
    required: list[Name] = []
    extra: _Extra = Field(default=_Extra(), alias="x-ix")


class _Walk:
    """A walk through a schema along its references, which counts what it unfolds to: one that refers to itself, or
    whose references multiply, comes to an end at a limit."""

    def __init__(self, root: Mapping[str, Any], budget: SchemaBudget) -> None:
        self.root = root
        self.budget = budget
        self.visits = self.properties = self.text = self.labels = 0
        self.known: dict[int, tuple[int, int]] = {}

    def visit(self, node: object, path: str, depth: int) -> None:
        if not isinstance(node, Mapping):
            raise ValueError(f"{path} must be an object")
        if depth > MAX_DEPTH:
            raise ValueError(f"{path} is nested deeper than {MAX_DEPTH}")
        self._count(node, path)
        if "$ref" in node:
            self.visit(self._target(node["$ref"], path), path, depth + 1)
        self._visit_properties(node.get("properties", {}), path, depth + 1)
        if "items" in node:
            self.visit(node["items"], f"{path}.items", depth + 1)
        for keyword in ("anyOf", "oneOf", "allOf"):
            for at, option in enumerate(_list(node.get(keyword, []), f"{path}.{keyword}")):
                self.visit(option, f"{path}.{keyword}.{at}", depth + 1)

    def _count(self, node: Mapping[str, Any], path: str) -> None:
        """Counts a node each time that it is met, and looks into it the first time."""
        self.budget.spend()
        # nodes live as long as the walk, so that an address is one node's
        if id(node) not in self.known:
            _check_types(node, path)
            self.known[id(node)] = _weighed(node, path)
        text, labels = self.known[id(node)]
        self.visits, self.text, self.labels = self.visits + 1, self.text + text, self.labels + labels
        for count, most, what in (
            (self.visits, MAX_VISITS, "nodes"),
            (self.text, MAX_TEXT, "characters"),
            (self.labels, MAX_LABELS, "labels"),
        ):
            if count > most:
                raise ValueError(f"{_ROOT} unfolds to more than {most} {what}")

    def _visit_properties(self, properties: object, path: str, depth: int) -> None:
        if not isinstance(properties, Mapping):
            raise ValueError(f"{path}.properties must be an object")
        for name, spec in properties.items():
            # what no page is asked for is in no prompt; `MAX_VISITS` bounds it
            self.properties += not _is_electronic(spec)
            if self.properties > MAX_PROPERTIES:
                raise ValueError(f"{_ROOT} has more than {MAX_PROPERTIES} properties")
            if len(name) > MAX_NAME:
                raise ValueError(f"{path}.properties has a name of more than {MAX_NAME} characters")
            self.visit(spec, f"{path}.properties.{name}", depth)

    def _target(self, ref: object, path: str) -> object:
        if not isinstance(ref, str) or not ref.startswith("#/"):
            raise ValueError(f"{path}.$ref must point into the schema itself (#/…)")
        if len(ref) > MAX_NAME:
            raise ValueError(f"{path}.$ref has more than {MAX_NAME} characters")
        found = target(ref, self.root)
        if found is None:
            raise ValueError(f"{path}.$ref points at nothing")
        return found


def _is_electronic(spec: object) -> bool:
    extra = spec.get("x-ix") if isinstance(spec, Mapping) else None
    return isinstance(extra, Mapping) and extra.get("source") == ELECTRONIC


def _check_types(node: Mapping[str, Any], path: str) -> None:
    declared = node.get("type", "object")
    if any(
        # asked first: what is no text may be a list, which cannot be looked up in a set
        not isinstance(name, str) or name not in _TYPES
        for name in (declared if isinstance(declared, list) else [declared])
    ):
        raise ValueError(f"{path}.type is not a JSON type")


def _weighed(node: Mapping[str, Any], path: str) -> tuple[int, int]:
    """How much a node itself adds to whatever is made of the schema: characters, and labels. Raises `ValueError` for
    keywords that cannot be read."""
    try:
        read = _Keywords.model_validate(node, strict=True)
    except ValidationError as error:
        # without the input: no error repeats what a client sent
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise ValueError(f"{'.'.join([path, *map(str, first['loc'])])}: {first['msg']}") from None
    extra, properties = read.extra, node.get("properties")
    names = properties if isinstance(properties, Mapping) else ()
    texts = [read.title, read.description, *map(str, read.enum), *read.required, *extra.labels, *names]
    texts += [part for example in extra.examples for part in (example.text, str(example.answer))]
    entries = len(node) + len(texts) + sum(len(one.parts) for one in extra.sums) + len(extra.order)
    return sum(map(len, texts)) + _ENTRY * entries, len(extra.labels)


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise ValueError(f"{path} must be a list")
    return value


def _nodes(value: object) -> Iterator[object]:
    stack = [value]
    while stack:
        yield (node := stack.pop())
        if isinstance(node, Mapping):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)


def _too_many(nodes: Iterator[object], limit: int) -> bool:
    # ends at the limit: to count them all is the work that the limit is to spare
    return any(count >= limit for count, _ in enumerate(nodes))
