"""The console's scripts that need no page: tested by node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ix.fields import Field, fields_of
from ix.use_cases import load

HERE = Path(__file__).parent / "js"
NODE = shutil.which("node")
SECONDS = 60

GUESSED = {
    "type": "object",
    "properties": {
        name: {"type": ["string", "null"]}
        for name in ("iban_number", "seller_tax_id", "Devise", "paid_on", "shop", "holder", "customerReference", "x")
    }
    | {name: {"type": "number"} for name in ("grossAmount", "weight")}
    | {"pages": {"type": "integer"}, "is_paid": {"type": "boolean"}, "when": {"type": "string", "format": "date-time"}}
    | {"odd": {"type": "string", "x-ix": {"kind": "no such kind"}}, "no_type": {"enum": ["a", "b", None]}},
}
"""Properties whose kinds nobody names."""

pytestmark = pytest.mark.skipif(NODE is None, reason="there is no node to run scripts with")


def run(*arguments: str, given: str = "") -> str:
    assert NODE is not None
    env = os.environ | {"NODE_NO_WARNINGS": "1"}
    done = subprocess.run(
        [NODE, *arguments], input=given, capture_output=True, text=True, timeout=SECONDS, env=env, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_scripts() -> None:
    said = run("--test", "--test-reporter=tap", *map(str, sorted(HERE.glob("*.test.mjs"))))
    assert "# fail 0" in said
    assert "# pass 0" not in said


def test_forms_say_what_the_engine_says_of_a_schema() -> None:
    """Fields that the form shows have the paths, kinds and types that are read from documents: a schema is understood
    in two places, and must mean the same in both."""
    results = {case.name: case.result for case in load().values() if case.result}
    schemas = {name: result.model_json_schema(mode="serialization") for name, result in results.items()}
    schemas["guessed"] = GUESSED
    said = json.loads(run(str(HERE / "shape_of.mjs"), given=json.dumps(schemas)))
    assert said.keys() == schemas.keys() >= {"invoice", "receipt"}
    for name, schema in schemas.items():
        known = {field.path: field for field in flat(fields_of(schema))}
        for path, kind, json_type in said[name]:
            assert (known[path].kind, known[path].json_type) == (kind, json_type), f"{name}: {path}"


def flat(fields: tuple[Field, ...]) -> Iterator[Field]:
    for field in fields:
        yield field
        yield from flat(field.fields)
