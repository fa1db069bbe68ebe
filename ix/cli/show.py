"""Answers for people: a table of values with their evidence, and pages with the evidence drawn on them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from ix import use_cases
from ix.config import Settings
from ix.errors import ConfigError
from ix.fields import Field, fields_of
from ix.use_cases import UseCase

MAIN_VALUES = 4
"""Values of an answer that a line has room for."""


class Row(NamedTuple):
    """One value of an answer with its evidence node, which is None where there is no value."""

    path: str
    value: Any
    node: Mapping[str, Any] | None


def rows(result: Any, evidence: Any, path: str = "") -> Iterator[Row]:
    """The leaves of a result beside those of its evidence, in order; list rows are numbered from 1."""
    if isinstance(result, Mapping):
        for name, value in result.items():
            inner = evidence.get(name) if isinstance(evidence, Mapping) else None
            yield from rows(value, inner, f"{path}.{name}" if path else name)
    elif isinstance(result, list):
        for index, value in enumerate(result):
            # evidence that another version of ix wrote need not fit the result
            inner = evidence[index] if isinstance(evidence, list) and index < len(evidence) else None
            yield from rows(value, inner, f"{path}[{index + 1}]")
    else:
        yield Row(path, result, evidence if isinstance(evidence, Mapping) else None)


def ordered(value: Any, fields: Sequence[Field]) -> Any:
    """A result with its members as its schema lists them: a JSON object on its way through jsonb comes back in another
    order."""
    if isinstance(value, list):
        return [ordered(member, fields) for member in value]
    if not isinstance(value, Mapping):
        return value
    known = {field.name: field.fields for field in fields}
    names = [*(name for name in known if name in value), *(name for name in value if name not in known)]
    return {name: ordered(value[name], known.get(name, ())) for name in names}


def table(job: Mapping[str, Any], everything: bool = False) -> str:
    """The answer of an ended job as text; empty fields that electronic invoices alone fill only with `everything`."""
    response = job["response"] or {}
    part = f"  part of {job['parent']}" if job.get("parent") else ""
    batch = f"  batch {job['batch_id']}" if job.get("batch_id") else ""
    lines = [f"job {job['ix_id']}  {job['use_case']}  {job['status']}{part}{batch}"]
    if tags := job.get("tags"):
        lines.append("  tags: " + ", ".join(f"{key}={plain(value)}" for key, value in sorted(tags.items())))
    if error := response.get("error"):
        lines.append(f"  error {error['code']}: {error['message']}")
    fields = _fields(str(job["use_case"]))
    # a row without a path is a result that is no object
    found = [row for row in rows(ordered(response.get("result"), fields), response.get("evidence")) if row.path]
    shown = found if everything else _asked_or_filled(found, fields)
    if shown:
        header = ("field", "value", "page", "match", "conf.", "quote on the page")
        lines += columns([header, *map(_cells, shown)])
    if left_out := len(found) - len(shown):
        lines.append(f"  {left_out} empty that only electronic invoices fill: ix show {job['ix_id']} --all lists them")
    if parts := response.get("parts"):
        lines += columns([("part", "pages", "status", "it begins there because"), *map(_part, parts)])
    lines += [f"  ! {w['path'] + ': ' if w['path'] else ''}{w['message']}" for w in response.get("warnings", ())]
    if timings := response.get("timings"):
        # jsonb has not kept the order in which the steps ran
        slowest_first = sorted(timings.items(), key=lambda one: -one[1])
        lines.append("  seconds: " + ", ".join(f"{step} {seconds:.2f}" for step, seconds in slowest_first))
    return "\n".join(lines)


_NUMBER = re.compile(r"\[\d+\]")
"""The number of a row, in the path of its values."""


def _asked_or_filled(found: Sequence[Row], fields: Sequence[Field]) -> list[Row]:
    """Without the empty rows of fields that no page is asked for: of most documents they would be the longer part."""
    # by the fields, since rows of a list are numbered and those are not
    unasked = set(_unasked(fields, False))
    return [row for row in found if row.value is not None or _NUMBER.sub("", row.path) not in unasked]


def _unasked(fields: Sequence[Field], within: bool) -> Iterator[str]:
    """The paths of the fields that electronic invoices alone fill, and of all that is in them."""
    for one in fields:
        if within or one.electronic:
            yield one.path
        yield from _unasked(one.fields, within or one.electronic)


def _part(part: Mapping[str, Any]) -> tuple[str, ...]:
    """A part of a job that was split, as cells of a row."""
    pages = [f"{one['document']}: {', '.join(map(str, one['pages']))}" for one in part["documents"]]
    came_to = part.get("code") or part["status"] or "erased"
    return part["ix_id"], "; ".join(pages), came_to, _cut(part["reason"])


def main_values(use_case: str, result: Any) -> str:
    """The first values of an answer, on one line; those in lists left out."""
    shown = rows(ordered(result, _fields(use_case)), None)
    found = [row for row in shown if row.path and row.value is not None and "[" not in row.path]
    return ", ".join(f"{row.path}={_cut(plain(row.value))}" for row in found[:MAIN_VALUES])


def pictures(
    job: Mapping[str, Any], files: Sequence[Path], folder: Path, settings: Settings, password: str = ""
) -> list[Path]:
    """Writes a picture of each page that carries evidence, and returns their paths. `password` opens the files."""
    folder.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_draw(job, files, folder, settings, password))


async def _draw(
    job: Mapping[str, Any], files: Sequence[Path], folder: Path, settings: Settings, password: str
) -> list[Path]:
    # only here: these need the extra `engine`
    from ix.extraction.annotate import annotate, marks_of
    from ix.extraction.page import Document
    from ix.extraction.reader import Reader

    response = job["response"] or {}
    reader = Reader(settings)
    await reader.start()
    written = []
    try:
        for document, page in _pages(response):
            file = files[document]
            image = await reader.image(Document(file.read_bytes(), file.name, password=password), page)
            # files of two folders, or of two kinds, may be called the same
            which = f"-{document}" if [one.stem for one in files].count(file.stem) > 1 else ""
            path = folder / f"{file.stem}{which}-page-{page}.png"
            path.write_bytes(annotate(image, marks_of(response["result"], response["evidence"], document, page)))
            written.append(path)
    finally:
        await reader.stop()
    return written


def _fields(name: str) -> tuple[Field, ...]:
    use_case = _use_cases().get(name)
    return fields_of(use_case.result.model_json_schema()) if use_case and use_case.result else ()


@cache
def _use_cases() -> Mapping[str, UseCase]:
    """Those that this machine knows: they say in which order to show a result, and it can be shown without."""
    try:
        return use_cases.load(Settings.from_env().use_case_dir)
    except ConfigError:
        return {}


def _pages(response: Mapping[str, Any]) -> list[tuple[int, int]]:
    nodes = (row.node for row in rows(response.get("result"), response.get("evidence")))
    return sorted({(int(node.get("document") or 0), int(node["page"])) for node in nodes if node and node.get("boxes")})


def _cells(row: Row) -> tuple[str, ...]:
    node = row.node or {}
    confidence = node.get("confidence")
    return (
        row.path,
        "-" if row.value is None else plain(row.value),
        str(node.get("page") or ""),
        str(node.get("match") or ""),
        "" if confidence is None else f"{confidence:.2f}",
        plain(node.get("quote") or ""),
    )


def plain(value: Any) -> str:
    """A document's text on one line, without anything that a terminal would obey."""
    # an escape sequence in a document could otherwise rewrite the screen
    return " ".join("".join(letter if letter.isprintable() else " " for letter in str(value)).split())


def moment(when: datetime | None) -> str:
    """A time in this machine's zone."""
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S") if when else ""


def columns(cells: Sequence[Sequence[str]], widest: int = 44, indent: str = "  ") -> list[str]:
    """Rows of text, their columns as wide as their widest cell; longer cells are cut."""
    shown = [[_cut(cell, widest) for cell in row] for row in cells]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown
    ]


def _cut(text: str, widest: int = 32) -> str:
    return text if len(text) <= widest else text[: widest - 1] + "…"
