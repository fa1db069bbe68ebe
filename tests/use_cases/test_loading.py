"""Use cases from outside: installed distributions, and a folder of Python files and JSON Schemas."""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ix import use_cases
from ix.client import Client
from ix.config import Settings
from ix.errors import ConfigError
from ix.job import Status
from ix.use_cases import Extraction
from tests import processes

BUILT_IN = set(use_cases.load())
NOTE = "Blue Kettle Ltd\nDelivery note no: DN-2024-17\nDelivered on: 05/03/2024\nTotal weight: 12.5 kg\n"
PYTHON = """
    from __future__ import annotations

    from ix.use_cases import Amount, Extraction, Result, field

    class DeliveryNote(Result):
        number: str | None = field("identifier", "delivery note no")
        weight: Amount | None = field("number", "total weight")

    USE_CASE = Extraction("{name}", DeliveryNote, "Reads a delivery note", "The document is a delivery note.")
"""
SCHEMA = {
    "title": "Delivery note",
    "description": "Reads a delivery note: number and weight",
    "x-ix": {"instructions": "The document is a delivery note.", "known_by": "delivery note || received by"},
    "properties": {
        "number": {"type": "string", "x-ix": {"kind": "identifier", "labels": ["delivery note no"]}},
        "weight": {"type": "number", "x-ix": {"labels": ["total weight"]}},
    },
}

Write = Callable[[str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.fixture
def write(folder: Path) -> Write:
    def write(name: str, text: str) -> Path:
        (folder / name).write_text(textwrap.dedent(text))
        return folder / name

    return write


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder of installed packages, with one distribution that offers a use case."""
    info = tmp_path / "site" / "acme_notes-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-notes\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text("[ix.use_cases]\nnote = acme_notes:USE_CASE\n")
    (info.parent / "acme_notes.py").write_text(textwrap.dedent(PYTHON.format(name="acme_note")))
    return info.parent


def refused(folder: Path | str) -> str:
    with pytest.raises(ConfigError) as error:
        use_cases.load(str(folder))
    return str(error.value)


def test_the_example_in_the_description_is_a_use_case(folder: Path, write: Write) -> None:
    example = re.findall(r"^    .*\n|^\n", (use_cases.__doc__ or "").partition("USE_CASE =")[0], re.MULTILINE)
    last = "    USE_CASE =" + (use_cases.__doc__ or "").partition("USE_CASE =")[2].partition("\n")[0]
    write("weighing_slip.py", "".join([*example, last]))
    note = use_cases.load(str(folder))["weighing_slip"]
    assert note.result is not None
    assert note.result.model_json_schema()["x-ix"] == {"sums": [{"total": "total_weight", "parts": ["lines.weight"]}]}


class TestFolder:
    def test_holds_python_files_and_schemas_and_what_helps_them(self, folder: Path, write: Write) -> None:
        write("note.py", PYTHON.format(name="note_in_python"))
        write("note-in-json.json", json.dumps(SCHEMA))
        write("_helper.py", "1 / 0")
        write("README.md", "What is here.")
        found = use_cases.load(str(folder))
        assert set(found) == BUILT_IN | {"note_in_python", "note-in-json"}

    def test_a_schema_says_what_its_use_case_does(self, folder: Path, write: Write) -> None:
        write("note.json", json.dumps(SCHEMA))
        note = use_cases.load(str(folder))["note"]
        assert isinstance(note, Extraction)
        assert (note.description, note.instructions) == (SCHEMA["description"], "The document is a delivery note.")
        assert note.kind is not None
        assert (note.kind["titles"], note.kind["cues"]) == (["delivery note"], ["received by"])
        assert (note.kind["identifiers"], note.kind["labels"]["number"]) == (["number"], ("delivery note no",))
        told = use_cases.info(note, Settings())
        assert told.result is not None
        assert told.result["properties"] == SCHEMA["properties"]
        assert told.options["additionalProperties"] is False

    @pytest.mark.parametrize(
        ("more", "description"),
        [
            ({"title": "Delivery note"}, "Delivery note"),
            ({}, "Reads the fields of note.json"),
        ],
    )
    def test_a_schema_may_say_less(self, folder: Path, write: Write, more: dict[str, Any], description: str) -> None:
        write("note.json", json.dumps({"properties": {"number": {"type": "string"}}, **more}))
        assert use_cases.load(str(folder))["note"].description == description

    @pytest.mark.parametrize(
        ("name", "text", "words"),
        [
            ("a.json", "{", ": is not valid JSON: "),
            ("a.json", "[]", ": schema must be an object"),
            ("a.json", "{}", ": schema must be of type object with at least one property"),
            ("a.json", '{"properties": {"n": {"type": "text"}}}', ": schema.properties.n.type is not a JSON type"),
            ("a.json", '{"properties": {"n": {}}, "x-ix": {"instructions": 1}}', ": schema.x-ix.instructions: is no"),
            ("a.json", '{"properties": {"n": {}}, "x-ix": {"known_by": 1}}', ": schema.x-ix.known_by: is no"),
            ("a.json", '{"properties": {"n": {}}, "x-ix": {"label": 1}}', ": schema.x-ix.label: "),
            ("a b.json", '{"properties": {"n": {}}}', ": the name 'a b' has other characters than "),
            ("a.py", "", ": has no USE_CASE; "),
            ("a.py", "\n\nUSE_CASE = 1 / 0", ", line 3: ZeroDivisionError: division by zero"),
            ("a.py", "USE_CASE = = 1", ": SyntaxError: invalid syntax (a.py, line 1)"),
            ("a.py", "import nonesuch", ", line 1: ModuleNotFoundError: No module named 'nonesuch'"),
            ("a.py", "class USE_CASE: name = 'a'", ": is no use case: it lacks description, request, result"),
            ("a.py", PYTHON.format(name="a b"), ": the name 'a b' has other characters than "),
            ("a.py", PYTHON.format(name="a") + "    USE_CASE.request = dict", ": request is no pydantic model"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named_with_its_file_and_place(
        self, folder: Path, write: Write, name: str, text: str, words: str
    ) -> None:
        path = write(name, text)
        assert refused(folder).startswith(f"IX_USE_CASE_DIR: {path}{words}")

    def test_that_is_none_is_named(self, folder: Path) -> None:
        assert refused(folder / "none") == f"IX_USE_CASE_DIR: {folder / 'none'} is not a folder"

    def test_a_name_that_is_taken_is_named_with_both_sources(self, folder: Path, write: Write) -> None:
        path = write("invoice.json", json.dumps(SCHEMA))
        assert refused(folder) == f"IX_USE_CASE_DIR: {path}: the name 'invoice' is taken by ix.use_cases.invoice"
        path.rename(folder / "note.json")
        write("other.py", PYTHON.format(name="note"))
        assert refused(folder) == (
            f"IX_USE_CASE_DIR: {folder}/other.py: the name 'note' is taken by IX_USE_CASE_DIR: {folder}/note.json"
        )


class TestInstalled:
    def test_is_found_through_its_entry_point(self, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.syspath_prepend(site)
        assert set(use_cases.load()) == BUILT_IN | {"acme_note"}

    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("nowhere_acme:USE_CASE", "nowhere_acme:USE_CASE: ModuleNotFoundError: No module named 'nowhere_acme'"),
            ("acme_notes:NOTHING", "acme_notes:NOTHING: AttributeError: "),
            ("json:dumps", "is no use case: it lacks name, description"),
            ("ix.use_cases.invoice:USE_CASE", "the name 'invoice' is taken by ix.use_cases.invoice"),
        ],
    )
    def test_what_is_wrong_is_named_with_its_distribution(
        self, site: Path, monkeypatch: pytest.MonkeyPatch, value: str, words: str
    ) -> None:
        (site / "acme_notes-1.2.dist-info" / "entry_points.txt").write_text(f"[ix.use_cases]\nnote = {value}\n")
        monkeypatch.syspath_prepend(site)
        assert refused("").startswith(f"ix.use_cases: entry point note of acme-notes 1.2: {words}")


def test_jobs_run_through_all_of_them(database_url: str, folder: Path, write: Write, site: Path) -> None:
    write("note.py", PYTHON.format(name="python_note"))
    write("json_note.json", json.dumps(SCHEMA))
    names = ["python_note", "json_note", "acme_note"]
    settings = {
        "IX_USE_CASE_DIR": str(folder),
        "IX_LIMITS": f"{'+'.join(names)}=1",
        "PYTHONPATH": os.pathsep.join([str(site), os.environ.get("PYTHONPATH", "")]),
    }
    with processes.service(database_url, **settings) as url, Client(url) as client:
        assert set(names) <= {one.name for one in client.use_cases()}
        for name in names:
            job = client.wait(client.submit([("note.txt", NOTE.encode())], name), 30)
            assert (job.status, job.response and job.response.error) == (Status.DONE, None)
            assert job.response is not None
            assert job.response.result == {"number": "DN-2024-17", "weight": 12.5}


@pytest.mark.parametrize("command", ["web", "engine"])
def test_a_process_does_not_start_with_one_that_is_wrong(
    database_url: str, folder: Path, write: Write, command: str
) -> None:
    path = write("note.json", "{}")
    process = processes.Process(command, database_url, IX_USE_CASE_DIR=str(folder))
    try:
        process.until(re.escape(f"IX_USE_CASE_DIR: {path}: schema must be"))
        assert process.wait() != 0
    finally:
        process.stop()
