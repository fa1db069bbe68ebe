"""The order of a client's own schema, from the request over HTTP to the answer and what is exported of it."""

from __future__ import annotations

import uuid
from typing import Any

import httpx

TEXT = {"type": "string"}
PAPER = """Parcel record

Consignment number: CN-77120
Weight: 12.5 kg
Id: Z9
Handled by: Mara Gruber

Product name        Note          Amount
Garden hose         green         4
Copper wire         on a reel     11
"""
ROW = {"type": "object", "properties": {"productName": TEXT, "note": TEXT, "amount": {"type": "integer"}}}
SCHEMA = {
    "type": "object",
    "properties": {
        "handledBy": TEXT,
        "weight": {"type": "number"},
        "products": {"type": "array", "items": ROW},
        "consignmentNumber": TEXT,
        "id": TEXT,
        "sub": {"type": "object", "properties": {"weightUnit": TEXT, "zone": TEXT, "b": TEXT}},
    },
}


def names(value: Any) -> Any:
    """The names of all members, in their order."""
    if isinstance(value, list):
        return [names(one) for one in value[:1]]
    return {name: names(one) for name, one in value.items()} if isinstance(value, dict) else None


def ordered(value: Any) -> str:
    return repr(names(value))


def test_is_kept_from_the_request_to_the_answer_and_its_exports(client: httpx.Client) -> None:
    asked = {
        "client_id": "order",
        "request_id": uuid.uuid4().hex,
        "use_case": "custom",
        "options": {"schema": SCHEMA},
        "documents": [{"text": PAPER}],
    }
    made = client.post("/jobs", json=asked)
    assert made.status_code == 201, made.text
    assert made.json()["request"]["options"]["schema"] == SCHEMA
    job = client.get(f"/jobs/{made.json()['ix_id']}", headers={"prefer": "wait=30"}).json()
    assert job["status"] == "done", job
    assert ordered(job["request"]["options"]["schema"]) == ordered(SCHEMA)
    result = job["response"]["result"]
    assert list(result) == list(SCHEMA["properties"])
    assert list(result["sub"]) == ["weightUnit", "zone", "b"]
    assert result["handledBy"] == "Mara Gruber"
    assert list(result["products"][0].items()) == [("productName", "Garden hose"), ("note", "green"), ("amount", 4)]
    assert list(job["response"]["evidence"]) == list(SCHEMA["properties"])
    table = client.get("/exports", params={"client_id": "order", "format": "csv"})
    assert table.status_code == 200, table.text
    titles = table.text.lstrip("\ufeff").splitlines()[0].replace('"', "").split(",")
    columns = ["handledBy", "weight", "consignmentNumber", "sub.weightUnit", "sub.zone", "sub.b"]
    assert [title for title in titles if title in columns] == columns
