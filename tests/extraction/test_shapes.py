"""Models of results by name: what a child finds, and what it is told where there is nothing."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pydantic import BaseModel, create_model

from ix import use_cases
from ix.config import Settings
from ix.errors import UseCaseFailed
from ix.extraction import shapes
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.use_cases import Extraction

NOTE = Document(b"Blue Kettle Ltd\nTotal 12.50\n")
SCHEMA = {"properties": {"total": {"type": "number", "x-ix": {"kind": "money", "labels": ["total"]}}}}
STRICT = """
from pydantic import BaseModel, field_validator

class Outer:
    class Strict(BaseModel):
        total: float

        @field_validator("total")
        def small(cls, value):
            if value > 10:
                raise ValueError("is above the limit")
            return value
"""


class Strict(BaseModel):
    total: int


def test_what_stands_in_its_module_is_found_there() -> None:
    known = json.loads(json.dumps(shapes.reference(Strict)))
    assert known == {"module": __name__, "name": "Strict"}
    assert [each.path for each in shapes.minded({"total": 0.5}, known)] == ["total"]
    assert shapes.minded({"total": 1}, known) == []


def test_a_model_of_a_schema_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "note.json").write_text(json.dumps(SCHEMA))
    case = use_cases.load(str(tmp_path))["note"]
    assert isinstance(case, Extraction)
    assert case.result is not None
    known = json.loads(json.dumps(shapes.reference(case.result)))
    assert known["of"] == SCHEMA
    assert shapes.minded({"total": 1}, known) == []


@pytest.mark.parametrize("module", [__name__, "__main__", "no.such.module"])
def test_what_does_not_is_refused(module: str) -> None:
    made = create_model("Made", __module__=module, total=(int, ...))
    with pytest.raises(UseCaseFailed, match="Made cannot be imported"):
        shapes.reference(made)


def test_a_module_that_no_longer_loads_is_told_by_its_name() -> None:
    with pytest.raises(UseCaseFailed, match=r"Gone cannot be imported \(ModuleNotFoundError\)"):
        shapes.minded({}, {"module": "tests.extraction.gone", "name": "Gone"})


async def test_a_file_of_a_folder_is_found_by_a_child(tmp_path: Path) -> None:
    (tmp_path / "strict.py").write_text(
        f"{STRICT}\nfrom ix.use_cases import Extraction\n"
        "USE_CASE = Extraction('strict', Outer.Strict, 'Reads a total', 'It is a bill.')\n"
    )
    case = use_cases.load(str(tmp_path))["strict"]
    extractor = Extractor.create(Settings(ocr="off", use_case_dir=str(tmp_path)))
    await extractor.start()
    try:
        response = await extractor.extract([NOTE], SCHEMA, result_model=case.result)
    finally:
        await extractor.stop()
        del sys.modules["ix_use_case_dir_strict"]
    assert [(each.code, each.message, each.path) for each in response.warnings] == [
        ("shape", "Value error, is above the limit", "total")
    ]
