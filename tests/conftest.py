"""Fixtures: every test that asks for a database gets its own, cloned from a migrated template."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import pytest

from ix.config import Settings
from ix.database import embedded
from ix.database.connect import Pool
from ix.database.engines import Engines
from ix.database.jobs import Jobs
from ix.database.metrics import Metrics
from ix.database.pool import open_pool
from tests import databases
from tests.objects import S3Server, s3_server

pytest_plugins = ["tests.rows", "tests.skips"]

_FIRST = str(Path(__file__).parent / "starting")
# once: each worker of xdist inherits it
if _FIRST not in os.environ.get("PYTHONPATH", ""):
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_FIRST, os.environ.get("PYTHONPATH"))))

# how long an example takes tells how busy the machine is
hypothesis.settings.register_profile("ix", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("ix")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of tests that share an id, xdist runs one and nobody learns of the others."""
    if twice := [name for name, count in Counter(item.nodeid for item in items).items() if count > 1]:
        raise pytest.UsageError(f"more than one test is called {', '.join(twice)}")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server; tests that need one are skipped, saying why, where there is none."""
    with ExitStack() as running:
        try:
            url = running.enter_context(databases.server(in_memory=True))
        except databases.NoServerError as error:
            pytest.skip(str(error))
        yield url


@pytest.fixture(scope="session")
def template_name(server_url: str) -> Iterator[str]:
    with databases.template(server_url) as name:
        yield name


@pytest.fixture
def database_url(server_url: str, template_name: str) -> Iterator[str]:
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture
def empty_database_url(server_url: str) -> Iterator[str]:
    with databases.clone(server_url, None) as url:
        yield url


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(postgres_url=database_url, engine_slots=4, ocr="off", drill=True)


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    """An S3 server that stays up; what is in its bucket, other tests may have put there."""
    with s3_server() as server:
        yield server


@pytest.fixture
async def pool(settings: Settings) -> AsyncIterator[Pool]:
    pool = await open_pool(settings)
    yield pool
    await pool.close()


@pytest.fixture
def jobs(pool: Pool) -> Jobs:
    return Jobs(pool)


@pytest.fixture
def engines(pool: Pool) -> Engines:
    return Engines(pool)


@pytest.fixture
def metrics(pool: Pool) -> Metrics:
    return Metrics(pool)


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    """One home for all, since making the first cluster is slow. Not pytest's folder: the account that runs the server
    may not enter it."""
    if next(embedded.candidates(), None) is None:
        pytest.skip("no PostgreSQL server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="ix-home-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
