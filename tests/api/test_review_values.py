"""What people type and point at: checked, read as a value, and refused where it is hostile."""

from __future__ import annotations

import time
import zlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic_core import to_json

from ix.config import Settings
from ix.database.connect import Pool
from tests.api.reviewing import People, ended, people
from tests.extraction.review.answers import answer, node

WORDS: list[list[Any]] = [
    ["Total", 0.1, 0.5, 0.2, 0.52],
    ["EUR", 0.3, 0.5, 0.35, 0.52],
    ["1.234,50", 0.36, 0.5, 0.45, 0.52],
    ["05.03.2026", 0.1, 0.6, 0.2, 0.62],
    ["A-1", 0.1, 0.7, 0.2, 0.72],
    ["B", 0.1, 0.74, 0.2, 0.76],
    ["666.00", 0.1, 0.9, 0.2, 0.92, 1.0, True],
    ["a code", 0.5, 0.9, 0.6, 1.0, 1.0, True, "QR Code"],
]


@pytest.fixture
async def them(settings: Settings, pool: Pool) -> AsyncIterator[People]:
    async with people(settings, pool) as them:
        yield them


@pytest.fixture
async def ix_id(pool: Pool) -> str:
    ix_id = await ended(pool)
    await pool.execute(
        "INSERT INTO pages (ix_id, document, page, sha256, reader, width, height, source, words) "
        "VALUES ($1, 0, 1, sha256(''), 'test', 600, 800, 'text', $2)",
        ix_id,
        zlib.compress(to_json(WORDS)),
    )
    return ix_id


async def read(them: People, ix_id: str, **asked: Any) -> dict[str, Any]:
    found = await them.ask("anna", "POST", f"/jobs/{ix_id}/values", asked)
    assert found.status_code == 200, found.text
    told: dict[str, Any] = found.json()
    return told


def at(*indices: int) -> list[list[int]]:
    return [[0, 1, index] for index in indices]


async def test_words_are_a_value_with_its_place(them: People, ix_id: str) -> None:
    told = await read(them, ix_id, path="net", words=at(1, 2))
    assert (told["value"], told["quote"]) == (1234.5, "1.234,50")
    assert told["evidence"] == {
        **node(1.0, source="person"),
        "quote": "1.234,50",
        "boxes": [[0.36, 0.5, 0.45, 0.52]],
    }
    assert (await read(them, ix_id, path="day", words=at(3)))["value"] == "2026-03-05"
    two_lines = await read(them, ix_id, path="number", words=at(5, 4))
    assert (two_lines["value"], len(two_lines["evidence"]["boxes"])) == ("A-1 B", 2)
    # what was picked is kept as it was told
    change = {"path": "net", "value": told["value"], "evidence": told["evidence"]}
    review = (await them.change("anna", ix_id, 0, change)).json()
    assert review["evidence"]["net"] == told["evidence"]


async def test_typed_text_is_a_value_that_stands_nowhere(them: People, ix_id: str) -> None:
    told = await read(them, ix_id, path="lines.0.amount", text=" 1.234 ", language="de-DE")
    assert (told["value"], told["quote"], told["evidence"]["match"]) == (1234, None, "none")
    assert (await read(them, ix_id, path="net", text="1,234", language="de"))["value"] == 1.234
    assert (await read(them, ix_id, path="day", text="3/5/2026", language="en-US"))["value"] == "2026-03-05"


NO_VALUES: list[tuple[dict[str, Any], str]] = [
    # hidden words, codes, and what is not there
    ({"path": "net", "words": at(6)}, "words"),
    ({"path": "net", "words": at(7)}, "words"),
    ({"path": "net", "words": at(2, 99)}, "words"),
    ({"path": "net", "words": [[0, 2, 0]]}, "words"),
    ({"path": "net", "words": [[2**40, 1, 0]]}, "words"),
    ({"path": "net", "words": [[0, 1, 2], [0, 2, 0]]}, "body"),
    ({"path": "net", "words": at(0)}, "words"),
    ({"path": "net", "words": at(*[2] * 501)}, "words"),
    ({"path": "net", "words": [[0, 1, -1]]}, "words.0.2"),
    ({"path": "net", "text": "none"}, "text"),
    ({"path": "net", "text": "1.00 2.00"}, "text"),
    ({"path": "day", "text": "2026-13-45"}, "text"),
    ({"path": "net", "text": "x" * 1001}, "text"),
    ({"path": "net"}, "body"),
    ({"path": "net", "text": "1", "words": at(2)}, "body"),
    # no value's path
    ({"path": "lines", "text": "1"}, "path"),
    ({"path": "lines.amount", "text": "1"}, "path"),
    ({"path": "lines.-1.amount", "text": "1"}, "path"),
    ({"path": "__class__", "text": "1"}, "path"),
    ({"path": "", "text": "1"}, "path"),
    ({"path": "x" * 3000, "text": "1"}, "path"),
]


async def test_what_says_no_value_names_why(them: People, ix_id: str) -> None:
    for asked, field in NO_VALUES:
        refused = await them.ask("anna", "POST", f"/jobs/{ix_id}/values", asked)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field), asked


async def test_a_result_is_checked_as_it_would_be(them: People, ix_id: str) -> None:
    path = f"/jobs/{ix_id}/check"
    sound = (await them.ask("anna", "POST", path, {"result": answer()})).json()
    assert [point["path"] for point in sound["points"]] == ["number"]
    assert sound["sums"] == [
        {"path": "gross", "terms": ["net", "tax"], "holds": True},
        {"path": "net", "terms": ["lines.0.amount", "lines.1.amount"], "holds": True},
    ]
    # another number is a person's: no doubt is left of it, but its check
    wrong = (await them.ask("anna", "POST", path, {"result": answer(number="B", gross=40.0, iban="DE00")})).json()
    assert [f"{one['kind']} {one['path']}" for one in wrong["points"]] == ["check iban", "check gross"]
    assert [one["code"] for one in wrong["warnings"]] == ["iban_invalid", "sum_mismatch"]
    assert [one["holds"] for one in wrong["sums"]] == [False, True]
    assert (await them.review(ix_id))["version"] == 0


async def test_an_ordinary_check_takes_milliseconds(them: People, ix_id: str) -> None:
    best = 1.0
    for _ in range(10):
        began = time.perf_counter()
        await them.ask("anna", "POST", f"/jobs/{ix_id}/check", {"result": answer()})
        best = min(best, time.perf_counter() - began)
    assert best < 0.02


DEEP: Any = "x"
for _ in range(70):
    DEEP = [DEEP]


HOSTILE: list[tuple[dict[str, Any], str | None]] = [
    ({"path": "number", "value": "x" * 20_000}, "changes.0.value"),
    ({"path": "number", "value": "a\0b"}, "changes.0.value"),
    ({"path": "number", "value": "a\ud800"}, None),
    ({"path": "number", "value": DEEP}, "*"),
    ({"path": "number", "value": 5}, "changes.0.value"),
    ({"path": "net", "value": "5"}, "changes.0.value"),
    ({"path": "net", "value": True}, "changes.0.value"),
    ({"path": "net", "value": 10**30}, "*"),
    ({"path": "lines.0.amount", "value": "5"}, "changes.0.value"),
    ({"path": "lines", "value": []}, "changes.0.path"),
    ({"path": "party", "value": {}}, "changes.0.path"),
    ({"path": "lines.0", "value": {}}, "changes.0.path"),
    ({"path": "lines.7.amount", "value": 1.0}, "changes.0"),
    ({"path": "lines.00.amount", "value": 1.0}, "changes.0.path"),
    ({"path": "lines.999999999999.amount", "value": 1.0}, "changes.0.path"),
    ({"path": "__proto__.x", "value": 1.0}, "changes.0.path"),
    ({"path": "net.x", "value": 1.0}, "changes.0.path"),
    ({"path": "number\0", "value": "x"}, "*"),
    ({"path": "number"}, "changes.0.value"),
    ({"path": "nowhere", "confirmed": True}, "changes.0.path"),
    ({"path": "number", "op": "reset"}, "changes.0.path"),
    ({"path": "number", "op": "insert", "at": 0}, "changes.0.path"),
    ({"path": "lines", "op": "insert", "at": 3}, "changes.0.at"),
    ({"path": "lines", "op": "insert"}, "changes.0.at"),
    ({"path": "lines", "op": "insert", "at": 0, "value": {"amount": "x"}}, "changes.0.value.amount"),
    ({"path": "lines", "op": "insert", "at": 0, "value": {"other": 1}}, "changes.0.value"),
    ({"path": "lines", "op": "insert", "at": 0, "value": [1]}, "changes.0.value"),
    ({"path": "lines", "op": "remove", "at": 2}, "changes.0.at"),
    ({"path": "lines", "op": "move", "at": 0, "to": 2}, "changes.0.to"),
    ({"path": "lines", "op": "drop"}, "changes.0.op"),
    ({"path": "number", "value": "x", "evidence": {"boxes": [[0, 0, 2, 1]]}}, "changes.0.evidence.boxes.0.2"),
    ({"path": "number", "value": "x", "evidence": {"boxes": [[0, 0, 1, 1]] * 51}}, "changes.0.evidence.boxes"),
    ({"path": "number", "value": "x", "by": "me"}, "changes.0.by"),
]


async def test_hostile_changes_are_refused_by_name(them: People, ix_id: str) -> None:
    for change, field in HOSTILE:
        if field is None:
            # no client can write it in UTF-8, but for an escape
            content = b'{"changes": [{"path": "number", "value": "a\\ud800"}]}'
            headers = {"content-type": "application/json"}
            refused = await them.send("anna", "PATCH", f"/jobs/{ix_id}/review", content, **headers)
        else:
            refused = await them.change("anna", ix_id, 0, change)
        assert refused.status_code == 422, (change, refused.text)
        if field not in (None, "*"):
            assert refused.json()["errors"][0]["field"] == field
    assert (await them.review(ix_id))["version"] == 0


async def test_bodies_have_limits(them: People, ix_id: str) -> None:
    many = await them.change("anna", ix_id, 0, *([{"path": "number", "confirmed": True}] * 501))
    assert (many.status_code, many.json()["errors"][0]["field"]) == (422, "changes")
    large = await them.change("anna", ix_id, 0, {"path": "number", "value": "x" * 1_000_000})
    assert large.status_code == 413
    text = await them.send("anna", "POST", f"/jobs/{ix_id}/check", b"{", **{"content-type": "text/plain"})
    assert text.status_code == 415
    broken = await them.send("anna", "POST", f"/jobs/{ix_id}/check", b"{", **{"content-type": "application/json"})
    assert broken.status_code == 422


ODD: list[Any] = [
    {"number": {"match": "none"}, "net": 5, "lines": {"a": []}},
    {"number": {"match": "exact", "confidence": "x", "boxes": [[{}]], "document": {}, "page": []}},
    {"number": DEEP},
]


async def test_evidence_that_is_none_is_no_error_of_the_service(them: People, ix_id: str) -> None:
    for evidence in ODD:
        asked = {"result": {"net": "9e999999"}, "evidence": evidence}
        answered = await them.ask("anna", "POST", f"/jobs/{ix_id}/check", asked)
        assert answered.status_code in (200, 422)
