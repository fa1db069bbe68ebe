"""The command `ix` in the test's own process, against a service of other processes."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from pypdf import PdfWriter

from ix.cli import main
from tests import databases, processes


class Done(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


Ix = Callable[..., Done]


@pytest.fixture(scope="package")
def service_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url, processes.service(url) as address:
        yield address


@pytest.fixture
def ix(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Ix]:
    """Runs `ix ARGUMENTS` with these settings and no others; the logger of ix is left as it was."""
    for name in [name for name in os.environ if name.startswith("IX_")]:
        monkeypatch.delenv(name)
    logger = logging.getLogger("ix")
    before = logger.handlers[:], logger.level, logger.propagate

    def run(*arguments: object, **settings: str) -> Done:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        return Done(int(ended.value.code or 0), *capsys.readouterr())

    yield run
    logger.handlers[:], logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.fixture
def page() -> bytes:
    """A PDF of one empty page."""
    writer, made = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()
