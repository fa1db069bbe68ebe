"""Judging answers apart: a use case from outside may be slow, and what ix itself finds is found all the same."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ix import use_cases
from ix.api.reviewing import judge
from ix.api.reviewing.judge import Judge
from ix.config import Settings
from ix.database.reviews import StoredReview

SLOW = """
import time
from pydantic import model_validator
from ix.use_cases import Extraction, Result, field


class Note(Result):
    number: str | None = field("identifier", expected=True)
    pace: str | None = field("text")

    @model_validator(mode="after")
    def check(self):
        if self.pace == "slow":
            while True:
                pass
        if self.pace == "odd":
            raise ValueError("is odd")
        return self


USE_CASE = Extraction("note", Note, "Reads a note", "The document is a note.")
"""


def stored(**result: Any) -> StoredReview:
    answer = json.dumps({"result": result, "evidence": {}, "error": None, "warnings": []}).encode()
    return StoredReview(
        ix_id="0" * 16,
        client_id="acme",
        use_case="note",
        status="done",
        finished_at=datetime(2026, 11, 2, tzinfo=UTC),
        review=None,
        answered_as=None,
        schema=None,
        answer=answer,
        corrections=b"[]",
        version=0,
        decided=None,
        lease=None,
        holder=None,
    )


@pytest.fixture
async def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Judge]:
    (tmp_path / "note.py").write_text(SLOW)
    settings = Settings(use_case_dir=str(tmp_path), body_workers=1)
    monkeypatch.setattr(judge, "PROCESSOR_SECONDS", 0.5)
    made = Judge(settings, use_cases.load(str(tmp_path)))
    yield made
    await made.stop()


async def test_its_model_is_asked_in_a_child_and_left_out_where_it_takes_too_long(judged: Judge) -> None:
    codes = {}
    for pace in ("odd", "slow"):
        told, (view, _, _) = await judged.review(stored(number=None, pace=pace))
        codes[pace] = [one["code"] for one in json.loads(view)["points"]]
        assert told["points"] == len(codes[pace])
    # what the model minds is about the whole, and no field's; what is expected is missed in either case
    assert codes == {"odd": ["value_missing"], "slow": ["value_missing"]}
    _, (view, _, _) = await judged.review(stored(number=None, pace="odd"))
    assert [one["code"] for one in json.loads(view)["warnings"]] == ["shape"]
    assert judged._children is not None
