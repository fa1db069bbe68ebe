"""A document format, an OCR engine and a model backend are each one file: here they are added to a copy of the package,
and nothing else in it changes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.copies import copy_package, run_python

ADDED: Mapping[str, str] = {
    "documents/scroll.py": """
from PIL import Image

from ix.extraction.documents import OpenedPage


class Scroll:
    def __len__(self):
        return 1

    def pages(self):
        yield OpenedPage(200, 100, unread=True)

    def image(self, page, dpi, longest):
        return Image.new("L", (200, 100), "white")

    def close(self): ...


class ScrollFormat:
    name, rank, memory = "scroll", 5, None

    def recognises(self, data):
        return data.startswith(b"SCROLL")

    def open(self, data, limits):
        return Scroll()


FORMAT = ScrollFormat()
""",
    "ocr/parrot.py": """
from ix.extraction.page import Word


class Parrot:
    memory = None

    def __init__(self, threads): ...

    def load(self): ...

    def recognise(self, image):
        return [Word("TOTAL", (0.1, 0.1, 0.4, 0.2)), Word("2024", (0.5, 0.1, 0.7, 0.2))]


ENGINE = Parrot
""",
    "models/oracle.py": """
from ix.extraction.models import Answer, Leaf


class Oracle:
    name = "oracle"

    def __init__(self, settings): ...

    async def ask(self, question):
        return Answer({"total": Leaf(2024, "2024")})

    async def probe(self):
        return "ok"

    async def aclose(self): ...


BACKEND = Oracle
""",
}
SCRIPT = """
import asyncio, json
from ix.config import Settings
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor

SCHEMA = {"properties": {"total": {"type": "number"}}}


async def main():
    extractor = Extractor.create(Settings(ocr="parrot", extractor="oracle", model="any"))
    await extractor.start()
    try:
        response = await extractor.extract([Document(b"SCROLL")], SCHEMA)
        print(await extractor.reader.probe_ocr(), response.result, response.evidence["total"]["quote"])
    finally:
        await extractor.stop()


asyncio.run(main())
"""


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package and one file more in each of three folders."""
    folder = tmp_path_factory.mktemp("grown")
    package = copy_package(folder)
    for path, text in ADDED.items():
        (package / "extraction" / path).write_text(text)
    return folder


def run(folder: Path, script: str) -> str:
    done = run_python(folder, "-c", script)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_one_file_adds_a_format_one_an_engine_and_one_a_backend(grown: Path) -> None:
    assert run(grown, SCRIPT) == "ok {'total': 2024} 2024"


def test_the_added_ones_are_choices_of_the_settings(grown: Path) -> None:
    script = "from ix.config.choices import plugins; print(*plugins('extraction/ocr'), *plugins('extraction/models'))"
    assert {"parrot", "oracle"} <= set(run(grown, script).split())
