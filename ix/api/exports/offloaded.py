"""What a child process does for exports: `ix.extraction.processes.child` runs it. Answers are as large as documents
make them, and to read one holds a process for as long.

    begin    which use cases and schemas there are            the columns of their results
    rows     columns, and jobs with their answers             rows as bytes of the form that was asked for; of the
                                                              form `cells` as JSON, for a look at them
    answer   a job with its answer                            that as it was put right
    text     pages with their words                           lines of text

The parent looks into none of these bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from ix import use_cases
from ix.api.exports import forms, labels, lines
from ix.api.exports.tables import HEAD, LABELS, Answered, Cell, Evidence, Results, Title, filled, in_order, known_of
from ix.config import Settings
from ix.database import jsonb
from ix.extraction.processes.frames import Frame
from ix.job.ordered import restored
from ix.use_cases import Column, Columns, columns_of

NO_SCHEMA = b'{"type": "object", "properties": {}}'
"""Of an answer whose schema is not known any more."""
# when the process starts: the parent has found that these can be loaded
_SETTINGS = Settings.from_env()
_USE_CASES = use_cases.load(_SETTINGS.use_case_dir, _SETTINGS.drill)


def handle(body: dict[str, Any], blobs: list[bytes]) -> Frame:
    """Answers one call, as the list above says."""
    if body["do"] == "begin":
        return _begun(body, blobs)
    if body["do"] == "text":
        return {}, [lines.text_of(page, words) for page, words in zip(body["pages"], blobs, strict=True)]
    jobs = list(_answered(body["jobs"], blobs))
    if body["do"] == "answer":
        return {}, [jsonb.written(jobs[0].response)]
    columns = _columns(body["columns"])
    if body["form"] == "jsonl":
        return {"made": [len(jobs), 0]}, [forms.json_lines(_objects(body["what"], jobs, columns)), b""]
    if body["what"] == "evidence":
        evidence = Evidence(columns)
        rows, titles = [row for job in jobs for row in evidence.rows(job)], evidence.titles
        return _written(body, [(rows, titles)])
    results = Results(columns)
    lists = [row for job in jobs for row in results.rows(job)] if body["lists"] else []
    return _written(body, [([results.row(job) for job in jobs], results.titles), (lists, results.titles_of_rows)])


def _answered(heads: Sequence[dict[str, Any]], blobs: Sequence[bytes]) -> Iterator[Answered]:
    """The jobs with their answers as they were put right. `corrections` and `schema` of a head are places of blobs
    behind those of the answers."""
    for head, answer in zip(heads, blobs):
        at, own = head.pop("corrections", None), head.pop("schema", None)
        if at is None:
            yield Answered(head, jsonb.read(answer))
        else:
            # checks need what a web process without reviews may do without
            from ix.api.exports.reviewed import reviewed

            schema = _schema(head["answered_by"]) or (blobs[own] if own is not None else NO_SCHEMA)
            yield Answered(head, reviewed(answer, blobs[at], schema))


@lru_cache(maxsize=64)
def _schema(use_case: str) -> bytes:
    """The schema of a use case's results in JSON, nothing where clients bring their own."""
    model = _USE_CASES[use_case].result if use_case in _USE_CASES else None
    return jsonb.written(model.model_json_schema(mode="serialization")) if model else b""


def _begun(body: dict[str, Any], blobs: list[bytes]) -> Frame:
    """The columns, and the titles of the tables. What electronic invoices alone fill has some only where one of the
    answers that came along does: most tables would have a hundred empty ones."""
    # a use case that is not there any more has left answers, whose values have no columns
    known = [_USE_CASES[name].result for name in body["use_cases"] if name in _USE_CASES]
    schemas = [model.model_json_schema(mode="serialization") for model in known if model]
    schemas += (restored(jsonb.read(one)) for one in blobs[: body["schemas"]])
    columns = columns_of(schemas)
    # values of one job are written in the order of all of them
    if body["form"] != "jsonl" and body["what"] != "evidence":
        columns = filled(columns, [jsonb.read(answer).get("result") for answer in blobs[body["schemas"] :]])
    results = Results(columns)
    tables = [Evidence.titles] if body["what"] == "evidence" else [results.titles, results.titles_of_rows]
    has_lists = bool(columns.lists) and body["what"] != "evidence"
    return {"columns": columns, "titles": [list(titles) for titles in tables], "has_lists": has_lists}, []


def _columns(told: Sequence[Any]) -> Columns:
    return Columns(*(tuple(map(_column, table)) for table in told))


def _column(told: Sequence[Any]) -> Column:
    # a tuple travels as a list
    names, kind, of_list, electronic = told
    return Column(tuple(names), kind, tuple(of_list), electronic)


def _written(body: dict[str, Any], tables: Iterable[tuple[Sequence[Sequence[Cell]], Sequence[Title]]]) -> Frame:
    """The rows of each table in the form that was asked for, and how many they are. Rows of a sheet are numbered from
    `first` on."""
    made, out = [], []
    for at, (rows, titles) in enumerate(tables):
        made.append(len(rows))
        if body["form"] == "xlsx":
            out.append(b"".join(forms.sheet_rows(rows, titles, body["first"][at])))
        elif body["form"] == "cells":
            out.append(jsonb.written([list(map(forms.shown, row)) for row in rows]))
        else:
            out.append(forms.comma_separated(rows))
    return {"made": made}, out


def _objects(what: str, jobs: Iterable[Answered], columns: Columns) -> Iterable[Any]:
    """What stands in each line of JSON Lines."""
    if what == "evidence":
        names = [title.name for title in Evidence.titles]
        evidence = Evidence(columns)
        return [dict(zip(names, row, strict=True)) for job in jobs for row in evidence.rows(job)]
    known = known_of(columns)
    if what == "labelled":
        return [labels.of(job, known) for job in jobs]
    return [
        {
            **{name: job.head.get(name) for name in HEAD},
            **{name: job.head[name] for name in LABELS if job.head.get(name)},
            "result": in_order(job.result, known),
            "warnings": job.response.get("warnings") or [],
        }
        for job in jobs
    ]
