"""Model servers for the tests of backends: they run once, and each test finds them as new."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.extraction.models import llama_server
from tests.extraction.models.fake_ollama import FakeOllama
from tests.extraction.models.scripted import Scripted


@pytest.fixture(scope="session")
def ollama_server() -> Iterator[FakeOllama]:
    fake = FakeOllama()
    with fake.running():
        yield fake


@pytest.fixture
def ollama(ollama_server: FakeOllama) -> FakeOllama:
    """A running fake."""
    ollama_server.reset()
    return ollama_server


@pytest.fixture(scope="session")
def scripted_server() -> Iterator[Scripted]:
    server = Scripted()
    with server.running():
        yield server


@pytest.fixture
def scripted(scripted_server: Scripted) -> Scripted:
    """A running scripted server."""
    scripted_server.reset()
    return scripted_server


@pytest.fixture(scope="session")
def llama_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real llama.cpp server; tests that need it are skipped, saying why, where there is none."""
    with llama_server.or_skip(tmp_path_factory.mktemp("llama")) as url:
        yield url
