"""Texts and JSON that are wrong in every way, as what an OCR engine read and as what a model answered: the job ends,
the engine lives on.

The model is a server in OpenAI's wire format. The OCR engine is `tesseract`, the plug-in that asks a command: a command
of that name stands in its place, and prints what a page of that width is to say. Everything else is real processes.
Their short forms are those of the doors: `tests/test_untrusted.py`, `tests/extraction/models/test_answer.py` and
`tests/extraction/test_ocr.py`."""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from PIL import Image

from tests import databases, processes
from tests.abuse import models
from tests.abuse.conftest import HURRY
from tests.abuse.texts import TEXTS, VALUES
from tests.processes import Process
from tests.receiver import listening
from tests.rows import Row

pytestmark = pytest.mark.long
WORST = ("LOOP_FAILED", "a loop failed", "use case raised", "orphan")
"""Words of log lines that would tell of a job that broke its engine."""
FIRST_WIDTH, STEP = 600, 10
"""Pixels: the page of case 3 is 630 wide."""
COMMAND = """import struct, sys
from pathlib import Path
if "--list-langs" in sys.argv:
    sys.stdout.write("List of available languages (1):\\neng\\n")
else:
    width, height = struct.unpack(">II", sys.stdin.buffer.read()[16:24])
    page = Path(__file__).parent / f"{max(width, height)}.tsv"
    sys.stdout.buffer.write(page.read_bytes() if page.exists() else (Path(__file__).parent / "probe.tsv").read_bytes())
"""
HEAD = b"level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"


def contents() -> dict[str, str]:
    """What a model's message says: as they are, as an answer's quote, and as its value."""
    texts = {**TEXTS, "NUL": "\x00", "lone surrogate": "\ud800", "nothing": "", "long": "x" * 300_000}
    quoted = {f"{name}, quoted": json.dumps({"code": {"quote": text, "value": text}}) for name, text in texts.items()}
    values = {
        f"{name}, as value": '{"total": {"value": ' + value.decode("latin-1") + "}}" for name, value in VALUES.items()
    }
    whole = {f"{name}, alone": value.decode("latin-1") for name, value in VALUES.items()}
    return {**texts, **quoted, **values, **whole}


def answers() -> dict[str, tuple[int, bytes]]:
    """What the server answers: those contents in an answer that is whole, and bytes that are no answer."""
    said = {name: (200, models.completion(text)) for name, text in contents().items()}
    bodies = {f"{name}, as the body": (200, value) for name, value in VALUES.items()}
    wrapped = {
        f"{name}, unescaped": (200, b'{"choices": [{"message": {"content": %s}}]}' % value)
        for name, value in VALUES.items()
    }
    return {**said, **bodies, **wrapped}


class Ended(NamedTuple):
    """How jobs have ended, by name of the case."""

    jobs: Mapping[str, dict[str, Any]]

    def tell(self, row: Row, engine: Process, beside: str) -> None:
        """Counts and judges them."""
        errors = Counter(job["response"]["error"]["code"] for job in self.jobs.values() if job["response"]["error"])
        statuses = Counter(job["status"] for job in self.jobs.values())
        most = max(job["attempts"] for job in self.jobs.values())
        bad = [line for line in engine.lines if any(word in line for word in WORST)]
        row.found(
            ", ".join(f"{count} {status}" for status, count in statuses.items()),
            f"{dict(errors)}, at most {most} attempts",
            beside,
        )
        assert set(statuses) <= {"done", "error"}
        assert most <= 3
        assert not engine.is_over
        assert not bad, bad[:3]


async def _run(url: str, bodies: Mapping[str, dict[str, Any]]) -> Ended:
    """Submits everything in one go, and waits for each."""
    async with httpx.AsyncClient(base_url=url, timeout=60, trust_env=False) as client:
        made = (
            (await client.post("/jobs/batch", json={"jobs": list(bodies.values())})).raise_for_status().json()["jobs"]
        )
        ids = {name: one["job"]["ix_id"] for name, one in zip(bodies, made, strict=True)}
        jobs = {
            name: (await client.get(f"/jobs/{ix_id}", params={"wait": 60})).raise_for_status().json()
            for name, ix_id in ids.items()
        }
    return Ended(jobs)


def _line(text: bytes, conf: bytes = b"95.0", left: bytes = b"10", top: bytes = b"10") -> bytes:
    return b"5\t1\t1\t1\t1\t1\t%s\t%s\t50\t20\t%s\t%s\n" % (left, top, conf, text)


def pages() -> dict[str, bytes]:
    """What the command prints for a page."""
    texts = {name: text.encode() for name, text in TEXTS.items()} | {
        f"{name}, as a word": value for name, value in VALUES.items()
    }
    tables = {
        "nothing": b"",
        "no table": b"Killed\n",
        "a head alone": HEAD,
        "no head": _line(b"a"),
        "a row that is cut off": HEAD + _line(b"a")[:20],
        "too many columns": HEAD + _line(b"a\tb\tc"),
        "confidence is NaN": HEAD + _line(b"a", conf=b"nan"),
        "confidence is 1e400": HEAD + _line(b"a", conf=b"1e400"),
        "confidence is no number": HEAD + _line(b"a", conf=b"high"),
        "a box far outside": HEAD + _line(b"a", left=b"-999999", top=b"999999999"),
        "a box of 5,000 digits": HEAD + _line(b"a", left=b"7" * 5_000),
        "a word of 1 MB": HEAD + _line(b"x" * 1_000_000),
        "100,000 words": HEAD + _line(b"a") * 100_000,
    }
    return {name: HEAD + _line(b"CASE 0") + _line(text, top=b"60") for name, text in texts.items()} | tables


class Hostile(NamedTuple):
    """A service whose model and whose OCR engine say what they are told."""

    url: str
    engine: Process
    model: models.Models
    pages: Path


@pytest.fixture(scope="module")
def hostile(server_url: str, template_name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("bin")
    command = folder / "tesseract"
    command.write_text(f"#!{sys.executable}\n{COMMAND}")
    command.chmod(0o755)
    (folder / "probe.tsv").write_bytes(HEAD + _line(b"TOTAL") + _line(b"2024"))
    settings = {"IX_OCR": "tesseract", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", **HURRY}
    good = {"code": {"quote": "A1", "value": "A1"}, "total": {"quote": "12.50", "value": 12.5}}
    bodies = dict(enumerate([(200, models.completion(json.dumps(good))), *answers().values()]))
    with (
        databases.clone(server_url, template_name) as database,
        listening(models.Models(bodies)) as model,
        processes.engine(database, **settings, **model.settings) as engine,
        processes.web(database) as url,
    ):
        yield Hostile(url, engine, model, folder)


async def test_as_a_models_answer(row: Row, hostile: Hostile) -> None:
    row.did("the same texts and values as a model's answer", f"{len(answers())} jobs at once")
    ended = await _run(
        hostile.url, {name: models.asks(case, uuid.uuid4().hex) for case, name in enumerate(answers(), 1)}
    )
    after = await _run(hostile.url, {"good": models.asks(0, uuid.uuid4().hex)})
    ended.tell(row, hostile.engine, "the next job is done")
    assert after.jobs["good"]["response"]["result"] == {"code": "A1", "total": 12.5}
    for name, text in TEXTS.items():
        job = ended.jobs.get(f"{name}, quoted")
        assert job is None or (job["response"]["result"]["code"] or "").strip() in ("", text.strip()), name


async def test_as_text_of_ocr(row: Row, hostile: Hostile) -> None:
    row.did("the same texts as what OCR reads, and tables that are wrong", f"{len(pages())} pages at once")
    widths = {name: FIRST_WIDTH + STEP * case for case, name in enumerate(pages())}
    for name, table in pages().items():
        (hostile.pages / f"{widths[name]}.tsv").write_bytes(table)
    ended = await _run(hostile.url, {name: _scan(width) for name, width in widths.items()})
    after = await _run(hostile.url, {"good": models.asks(0, uuid.uuid4().hex)})
    ended.tell(row, hostile.engine, "the next job is done")
    assert after.jobs["good"]["status"] == "done"
    torn = {"controls"}  # a line's end in a word breaks the row
    failed = {
        name: job["response"]["error"] for name, job in ended.jobs.items() if job["status"] == "error" and name in TEXTS
    }
    assert failed.keys() <= torn, failed


def _scan(width: int) -> dict[str, Any]:
    """A submission of a page of that width."""
    page = io.BytesIO()
    Image.new("L", (width, 300), "white").save(page, "PNG")
    document = {"data": base64.b64encode(page.getvalue()).decode()}
    return {**models.asks(0, uuid.uuid4().hex), "documents": [document]}
