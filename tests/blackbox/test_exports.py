"""Exports of many jobs: what stands in the file, in each form, and whose jobs they are."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import httpx
import pytest
from python_calamine import CalamineWorkbook

from ix.cli.evaluating import labels
from ix.cli.evaluating.asking import Outcome
from ix.cli.evaluating.judging import judged
from tests.blackbox.answered import RECEIPT, answered

Put = Callable[..., str]
"""Puts jobs of one client into the table."""


@pytest.fixture
def put(service_database: str, request: pytest.FixtureRequest) -> Put:
    """Of a client that the test alone has."""
    return partial(answered, service_database, client=request.node.name[:100])


@pytest.fixture
def client(client: httpx.Client, request: pytest.FixtureRequest) -> httpx.Client:
    """One that asks for the jobs of that client."""
    client.params = client.params.set("client_id", request.node.name[:100])
    return client


def exported(client: httpx.Client, **asked: str) -> httpx.Response:
    answer = client.get("/exports", params=asked)
    assert answer.status_code == 200, answer.text
    return answer


def table(client: httpx.Client, **asked: str) -> list[dict[str, str]]:
    answer = exported(client, format="csv", **asked)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_a_workbook_has_typed_cells_in_the_order_of_the_schema(client: httpx.Client, put: Put) -> None:
    ix_id = put(RECEIPT, document="=cmd|' /C calc'!A0.pdf")
    answer = exported(client, use_case="receipt")
    assert answer.headers["content-disposition"].startswith('attachment; filename="ix-results-20')
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    assert book.sheet_names == ["Jobs", "Lines"]
    titles, row = book.get_sheet_by_name("Jobs").to_python()
    assert titles[2:9] == ["company", "date", "address", "total", "currency", "tax", "items"]
    found = dict(zip(titles, row, strict=True))
    assert (found["ix_id"], found["document"]) == (ix_id, "=cmd|' /C calc'!A0.pdf")
    assert (found["date"], found["total"], found["tax"], found["items"]) == (date(2026, 11, 2), 20.21, -8.79, 2)
    lines = book.get_sheet_by_name("Lines").to_python()
    assert lines[0] == ["ix_id", "document", "list", "row", "items.description", "items.quantity", "items.amount"]
    assert [line[2:] for line in lines[1:]] == [
        ["items", 1, "Bread", 2, 3.5],
        ["items", 2, RECEIPT["items"][1]["description"], "", 16.71],  # type: ignore[index]
    ]


def test_csv_has_harmless_texts_and_bare_numbers(client: httpx.Client, put: Put) -> None:
    put({**RECEIPT, "company": '=1+1,"x"', "address": "\t@SUM(A1)"}, document="＝1.pdf")
    [row] = table(client, use_case="receipt")
    assert (row["company"], row["address"], row["document"]) == ('\'=1+1,"x"', "'\t@SUM(A1)", "'＝1.pdf")
    assert (row["total"], row["tax"], row["date"], row["items"]) == ("20.21", "-8.79", "2026-11-02", "2")
    lines = table(client, use_case="receipt", table="lines")
    assert [(line["row"], line["items.description"][:11]) for line in lines] == [("1", "Bread"), ("2", "'=HYPERLINK")]


def test_json_lines_keep_the_schemas_order(client: httpx.Client, put: Put) -> None:
    put(RECEIPT)
    answer = exported(client, format="jsonl")
    [line] = [json.loads(text) for text in answer.text.splitlines()]
    assert line["result"] == RECEIPT
    # jsonb has them by length
    assert list(line["result"]) == list(RECEIPT)
    assert list(line["result"]["items"][0]) == ["description", "quantity", "amount"]


def test_json_lines_have_tags_and_batches_and_exports_are_filtered_by_them(client: httpx.Client) -> None:
    whose = {"client_id": client.params["client_id"]}
    client.post("/batches", json={**whose, "batch_id": "october"}).raise_for_status()
    labels_of = {"tags": {"place": "=Köln"}, "batch_id": "october"}
    for more in (labels_of, {}):
        body = {**whose, "request_id": f"r{len(more)}", "use_case": "drill", **more}
        assert client.post("/jobs", json=body, params={"wait": 20}).json()["status"] == "done"
    lines = [json.loads(text) for text in exported(client, format="jsonl").text.splitlines()]
    assert [{name: line[name] for name in labels_of if name in line} for line in lines] == [{}, labels_of]
    for filters in ({"tag": "place:=Köln"}, {"batch_id": "october"}):
        assert len(exported(client, format="jsonl", **filters).text.splitlines()) == 1


def test_every_page_comes_once_and_newest_first(client: httpx.Client, put: Put) -> None:
    put(RECEIPT, count=450)
    put(None, request_id="failed", error={"code": "x", "message": "y"})
    rows = table(client)
    assert len(rows) == 450
    ids = [row["ix_id"] for row in rows]
    assert ids == sorted(set(ids), reverse=True)
    assert len(table(client, status="error")) == 1


def test_what_is_in_no_column_is_not_lost(client: httpx.Client, put: Put) -> None:
    """Clients' own schemas differ; the columns are those of the newest jobs."""
    old = {"schema": {"type": "object", "properties": {"ix_id": {"type": "string"}}}}
    new = {"schema": {"type": "object", "properties": {"a.b": {"type": "number"}, "tags": {"type": "array"}}}}
    put({"c": 7, "tags": [{"deep": 1}]}, use_case="custom", request_id="x")
    put({"ix_id": "hers"}, use_case="custom", options=old, request_id="old")
    put({"a.b": 1.5, "tags": ["x", "y"]}, use_case="custom", options=new)
    first, second, third = table(client, use_case="custom")
    assert (first["a.b"], first["tags"], first["more"]) == ("1.5", "x; y", "")
    assert second["result.ix_id"] == "hers"
    assert (third["tags"], third["more"]) == ('[{"deep":1}]', '{"c":7}')


def test_evidence_is_a_row_for_each_value(client: httpx.Client, put: Put) -> None:
    node = {"match": "exact", "method": "extract", "document": 0, "page": 2, "quote": "-20.21", "confidence": 0.9}
    put(
        {"total": 20.21, "items": [{"amount": 3.5}], "date": None},
        evidence={"total": {**node, "boxes": [[0.1, 0.2, 0.3, 0.4]]}, "items": [{"amount": None}], "date": None},
    )
    rows = {row["path"]: row for row in table(client, what="evidence")}
    assert set(rows) == {"total", "items.0.amount"}
    total = rows["total"]
    assert (total["value"], total["match"], total["page"], total["quote"]) == ("20.21", "exact", "2", "-20.21")
    assert json.loads(total["boxes"]) == [[0.1, 0.2, 0.3, 0.4]]
    assert rows["items.0.amount"]["match"] == ""


def test_labels_are_what_was_approved_and_measure_later_answers(client: httpx.Client, put: Put, tmp_path: Path) -> None:
    node = {"match": "exact", "document": 0, "page": 1, "boxes": [], "confidence": 1}
    put(RECEIPT, review="needed", request_id="other")
    evidence = {"total": node, "company": {**node, "match": "none"}}
    ix_id = put(RECEIPT, review="approved", document="../../etc/receipt.jpg", evidence=evidence)
    (tmp_path / "gold.jsonl").write_bytes(exported(client, what="labelled", format="jsonl").content)
    said = json.loads((tmp_path / "gold.jsonl").read_text())
    assert (said["file"], said["ix_id"], said["sha256"]) == ("documents/receipt.jpg", ix_id, "ab" * 32)
    assert list(said["gold"]) == list(RECEIPT)
    assert said["printed"] == {"company": False, "date": False, "total": True, "currency": False, "tax": False}
    # the document lies where the label says
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "receipt.jpg").touch()
    [label] = labels.read(tmp_path)
    asked = labels.Asked("receipt", fields={"company": "organisation", "date": "date", "total": "money"})
    answer = {"result": {"total": 20.21, "date": "1999-01-01"}, "evidence": {"total": node}}
    # of those that stand on the page, which an evaluation scores
    assert [(one.field, one.verdict) for one in judged(Outcome(label, asked, ix_id, answer), str)] == [
        ("total", "right")
    ]
    assert (label.use_case, label.gold) == ("receipt", RECEIPT)
    assert len(table(client, what="labelled")) == 1


def test_what_people_put_right_is_what_leaves(client: httpx.Client, put: Put) -> None:
    node = {"match": "exact", "document": 0, "page": 1, "quote": "20.21", "boxes": [], "confidence": 0.5}
    evidence = {**dict.fromkeys(RECEIPT), "total": node}
    finding = {"code": "date_in_future", "message": "is in the future", "path": "date"}
    ix_id = put(RECEIPT, review="needed", evidence=evidence, warnings=[finding])
    untouched = put(RECEIPT, review="straight", request_id="other")
    path = f"/jobs/{ix_id}/review"
    changes = [{"path": "total", "value": 21.5}, {"path": "items", "op": "remove", "at": 0}]
    made = client.patch(path, json={"changes": changes}, headers={"if-match": '"v0"'})
    assert made.status_code == 200, made.text
    rows = {row["ix_id"]: row for row in table(client, use_case="receipt")}
    assert [(rows[one]["total"], rows[one]["items"]) for one in (ix_id, untouched)] == [("21.5", "1"), ("20.21", "2")]
    # the answer stays as it was read
    assert client.get(f"/jobs/{ix_id}").json()["response"]["result"]["total"] == 20.21
    told = {row["path"]: row for row in table(client, what="evidence") if row["ix_id"] == ix_id}
    assert (told["total"]["value"], told["total"]["method"]) == ("21.5", "person")
    assert exported(client, what="labelled", format="jsonl").content == b""
    tag = {"if-match": made.headers["etag"]}
    client.post(f"{path}/decision", json={"state": "approved"}, headers=tag).raise_for_status()
    [label] = exported(client, what="labelled", format="jsonl").text.splitlines()
    assert json.loads(label)["gold"]["total"] == 21.5
    assert json.loads(label)["approved_at"] > "2026"


def test_a_preview_shows_what_will_come(client: httpx.Client, put: Put) -> None:
    put({**RECEIPT, "company": "x" * 10_000}, count=12)
    found = (client.get("/exports/preview", params={"use_case": "receipt", "format": "csv"})).json()
    names = [column["name"] for column in found["columns"]]
    assert (found["of"], len(found["rows"])) == (12, 8)
    assert len(found["rows"][0][names.index("company")]) == 200
    size = len((exported(client, use_case="receipt", format="csv")).content)
    assert size * 0.9 < found["bytes"] < size * 1.1


def test_no_job_that_matches_is_a_file_with_titles(client: httpx.Client) -> None:
    assert (client.get("/exports/preview", params={"use_case": "receipt"}).json())["of"] == 0
    book = CalamineWorkbook.from_filelike(io.BytesIO((exported(client, use_case="receipt")).content))
    assert book.get_sheet_by_name("Jobs").to_python()[0][2] == "company"


@pytest.mark.parametrize(
    ("asked", "field"),
    [({"format": "xls"}, "format"), ({"what": "secrets"}, "what"), ({"colour": "red"}, "colour")],
)
def test_what_cannot_be_exported_is_422(client: httpx.Client, asked: dict[str, str], field: str) -> None:
    answer = client.get("/exports", params=asked)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
