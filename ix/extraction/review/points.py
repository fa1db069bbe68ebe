"""Points: what of an answer needs a person's eyes. Without any, a document goes straight through.

    check         a finding is about the field
    not_on_page   it has a value, and no words on the pages say it
    missing       it is null, or a table empty, and the schema expects it (`{"x-ix": {"expected": true}}`)
    doubt         it was found fuzzily, another one is hardly less likely, nothing names it, or its confidence lies
                  under the bar (`IX_REVIEW_BAR`, or the field's own, `{"x-ix": {"bar": 0.75}}`), and no sum that comes
                  out right proves it
    lines         a cell of the table is of the first three kinds, or a sum over it does not come out: one point for the
                  whole table, whose rows are read together
    document      text that nobody can see, warnings of pages, broken rules of electronic invoices that are about no
                  field; or the sample, a share of those without a point (`IX_REVIEW_SAMPLE`)

A field has one point, of the first kind that applies. They stand in the order of the schema, those of the document
first. A yes or no needs no place, since a no is concluded from what a page does not say; nor does a value that says
itself where it comes from, such as the XML of an electronic invoice, or a person."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ix.extraction.checked import CheckedResult, Node
from ix.extraction.findings import said
from ix.extraction.review.paths import nodes
from ix.extraction.review.sums import Sum, proven, sums
from ix.job import Finding, Point, PointKind, Scalar

UNPLACED = frozenset({"value_not_found", "value_not_in_quote", "hidden_text"})
"""Findings that say of a value that it is not on the page."""
OF_CHOICES = frozenset({"close_candidate", "no_label"})
"""Findings that say of a value that another one may be right: doubts, which a sum that comes out right removes."""
OF_DOCUMENTS = frozenset(
    {
        *("nothing_found", "hidden_text", "page_warning", "attachment_unread", "encoding_guessed", "pages_missing"),
        *("script_unknown", "risk_unknown"),
        *("einvoice_rule", "einvoice_schematron"),
    }
)
"""Findings about no field for which somebody should look at the document."""
SAMPLED = "sampled"


class Rules(NamedTuple):
    """From which confidence on a value is in no doubt, 0 to 1; the share of documents without a point that are to be
    looked at all the same, 0 to 1; and the share of wrong values among those in no doubt that somebody takes into
    account, where one does: then the bar is the one that keeps to it, whatever else speaks for a value."""

    bar: float = 0.8
    sample: float = 0.0
    risk: float | None = None

    def under(self, bar: float | None) -> Rules:
        """These rules with the bar that keeps their risk; as without a risk where there is none."""
        return self._replace(risk=None) if bar is None else self._replace(bar=bar)


USUAL = Rules()


@dataclass(slots=True)
class _Table:
    """What is found of a table while its cells are looked at."""

    node: Node
    rows: set[str] = field(default_factory=set)
    own: Point | None = None


def points(
    checked: CheckedResult,
    evidence: Any,
    findings: Iterable[Finding],
    rules: Rules,
    touched: Container[str] = (),
    ix_id: str = "",
) -> tuple[Point, ...]:
    """What of a result needs eyes, with its evidence and what was found wanting in it. A person has `touched` these
    paths: only a check can be against them. The sample is drawn where there is an `ix_id`, always the same for one."""
    about = _Look(checked, dict(nodes(evidence)), findings, rules, touched)
    found = [*_of_document(about.loose), *about.fields()]
    if not found and ix_id and _is_sampled(ix_id, rules.sample):
        found = [_point("document", SAMPLED, "")]
    return tuple(found)


class _Look:
    """One look at a result."""

    def __init__(
        self,
        checked: CheckedResult,
        evidence: Mapping[str, Mapping[str, Any]],
        findings: Iterable[Finding],
        rules: Rules,
        touched: Container[str],
    ) -> None:
        self.checked, self.evidence, self.rules, self.touched = checked, evidence, rules, touched
        self.loose: list[Finding] = []
        self.findings: dict[str, Finding] = {}
        for one in findings:
            if one.path:
                # the first says enough
                self.findings.setdefault(one.path, one)
            else:
                self.loose.append(one)
        # once for all fields: what is proven, and which tables have a sum that does not come out
        declared = sums(checked)
        self.proven = proven(declared, evidence)
        self.wrong: dict[str, Sum] = {table: one for one in declared if not one.holds for table in one.tables}

    def fields(self) -> Iterator[Point]:
        """The points of fields and tables, in the order of the schema; of what it does not know behind these."""
        table: _Table | None = None
        for node in self.checked.nodes:
            # nodes come as they stand in the schema: those of a table behind it
            if table and node.path.startswith(f"{table.node.path}."):
                self._cell(table, node)
                continue
            if table:
                yield from self._of_table(table)
                table = None
            reason = self._reason(node)
            if isinstance(node.value, list) and node.path:
                table = _Table(node, own=reason)
            elif reason:
                yield reason
        if table:
            yield from self._of_table(table)
        # what is left is about paths that the schema does not have
        yield from (_of_finding(one) for one in self.findings.values())

    def _cell(self, table: _Table, node: Node) -> None:
        reason = self._reason(node)
        # a doubtful cell is no reason to look at a table: there is hardly one without
        if reason and reason.kind != "doubt":
            table.rows.add(node.path[len(table.node.path) + 1 :].partition(".")[0])

    def _of_table(self, table: _Table) -> Iterator[Point]:
        # rows of an invoice that the schema does not name one by one
        inside = [path for path in self.findings if path.startswith(f"{table.node.path}.")]
        for path in inside:
            del self.findings[path]
            table.rows.add(path[len(table.node.path) + 1 :].partition(".")[0])
        path, name = table.node.path, table.node.name
        if wrong := self.wrong.get(path):
            yield _point("lines", "rows_sum", path, field=name, total=wrong.path)
        elif table.rows:
            yield _point("lines", "rows_unsure", path, field=name, count=len(table.rows))
        elif table.own:
            yield table.own if table.own.kind == "missing" else table.own.model_copy(update={"kind": "lines"})

    def _reason(self, node: Node) -> Point | None:
        """Why a person should look at this value, if there is a reason."""
        known = self.findings.pop(node.path, None)
        if known and not (known.code in OF_CHOICES and node.path in self.proven):
            return _of_finding(known)
        if node.path in self.touched:
            return None
        extra: Mapping[str, Any] = node.spec.get("x-ix") or {}
        if node.value in (None, "") or node.value == []:
            return _point("missing", "value_missing", node.path, field=node.name) if extra.get("expected") else None
        return None if isinstance(node.value, dict | list) else self._doubt(node, extra)

    def _doubt(self, node: Node, extra: Mapping[str, Any]) -> Point | None:
        seen = self.evidence.get(node.path)
        if seen is None:
            return None
        if seen["match"] == "none":
            # what says itself where it comes from is as sure as that is
            is_placed = isinstance(node.value, bool) or "source" in seen
            return None if is_placed else _point("not_on_page", "not_on_page", node.path, field=node.name)
        # the field's own bar may be 0
        bar = extra.get("bar")
        limit = self.rules.bar if bar is None else bar
        # a field's own bar is no part of a promise, and a sum is part of the confidence already
        if keeps := self.rules.risk is not None:
            limit = max(limit, self.rules.bar)
        if (node.path in self.proven and not keeps) or (seen["match"] != "fuzzy" and seen["confidence"] >= limit):
            return None
        if seen["confidence"] >= limit:
            return _point("doubt", "value_fuzzy", node.path, field=node.name)
        return _point(
            "doubt", "value_unsure", node.path, field=node.name, confidence=round(seen["confidence"], 2), bar=limit
        )


def _of_document(findings: Sequence[Finding]) -> Iterator[Point]:
    """One for each code: what it says of the first page, and of how many more."""
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for one in findings:
        if one.code in OF_DOCUMENTS:
            by_code[one.code].append(one)
    for first, *more in by_code.values():
        params = {**first.params, "more": len(more)} if more else first.params
        yield Point(path="", kind="document", code=first.code, message=first.message, params=params)


def _of_finding(one: Finding) -> Point:
    doubt: PointKind = "doubt" if one.code in OF_CHOICES else "check"
    kind: PointKind = "not_on_page" if one.code in UNPLACED else doubt
    return Point(path=one.path, kind=kind, code=one.code, message=one.message, params=one.params)


def _point(kind: PointKind, code: str, path: str, **params: Scalar) -> Point:
    return Point(path=path, kind=kind, code=code, message=said(code, params), params=params)


def _is_sampled(ix_id: str, share: float) -> bool:
    """By the id alone, so that a job that runs again is in the sample again."""
    drawn = int.from_bytes(hashlib.sha256(ix_id.encode()).digest()[:8])
    return drawn < share * 2**64
