"""The image, built and run: migrations, web and an engine inside it do a job, and stop when a container is stopped."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ix.client import Client
from ix.database.embedded import PORT, LocalPostgres
from tests import databases
from tests.deploy import images, units
from tests.deploy.programs import ROOT
from tests.processes import Process

RECEIPT = ROOT / "examples" / "receipt.jpg"


@pytest.fixture(scope="module")
def builder() -> Iterator[images.Builder]:
    with images.builder() as made:
        yield made


@pytest.fixture(scope="module")
def image(builder: images.Builder) -> Iterator[Path]:
    builder.build("ix")
    with builder.mounted("ix") as root:
        yield root


@pytest.fixture(scope="module")
def empty_url() -> Iterator[str]:
    """A server of its own, since the account inside must come to its socket."""
    home = Path(tempfile.mkdtemp(prefix="ix-home-"))
    local = LocalPostgres(home, durable=False)
    try:
        yield local.start()
    finally:
        local.stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def url(image: Path, empty_url: str) -> str:
    """A database that the image has migrated."""
    with running(image, "migrate", empty_url) as migrating:
        assert migrating.wait(120) == 0, migrating.lines
    return empty_url


@contextmanager
def running(image: Path, command: str, url: str, **settings: str) -> Iterator[Process]:
    [folder] = parse_qs(urlsplit(url).query)["host"]
    # the account inside is neither the server's nor the tests'
    Path(folder).chmod(0o755)
    (Path(folder) / f".s.PGSQL.{PORT}").chmod(0o777)
    quiet = {"IX_HOST": "127.0.0.1", "IX_PORT": "0", "IX_LOG_FORMAT": "text", "IX_LOG_LEVEL": "DEBUG", **settings}
    process = images.container(image, command, url.replace(folder, images.MOUNT), Path(folder), **quiet)
    try:
        yield process
    finally:
        images.end(process)


def test_it_serves_reads_a_picture_and_stops_in_good_order(image: Path, url: str) -> None:
    with ExitStack() as both:
        engine = both.enter_context(running(image, "engine", url))
        web = both.enter_context(running(image, "web", url))
        engine.until("listener connected", 120)
        address = web.until(r"web listens address=(\S+)", 120)[1]
        assert httpx.get(f"{address}/readyz").json() == {"postgres": "ok", "migrations": "ok"}
        with Client(address, client_id="me") as ix:
            job = ix.wait(ix.submit([RECEIPT], "receipt"), 180)
        assert job.status == "done"
        assert job.response is not None
        assert job.response.model_dump()["result"]["total"] == 20.21
        for process, word in ((engine, "engine stopped"), (web, "web stopped")):
            os.kill(images.first_process(process), signal.SIGTERM)
            process.until(word)
            assert process.wait(20) == 0


def test_nothing_of_it_is_writable_by_its_account_and_no_command_is_root(
    image: Path, builder: images.Builder, url: str
) -> None:
    configuration = builder.configuration("ix")
    assert (configuration["User"], configuration["Entrypoint"]) == ("10001:10001", ["ix"])
    with running(image, "settings", url) as asked:
        assert asked.wait(60) == 0
    owners = {path.stat().st_uid for path in (image / "opt" / "ix").rglob("*") if not path.is_symlink()}
    assert owners == {0}
    others = [
        path for path in (image / "opt" / "ix").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o002
    ]
    assert others == []


def test_without_ocr_it_is_half_as_large_and_says_that_it_is_off(builder: images.Builder, image: Path) -> None:
    builder.build("ix-without-ocr", IX_OCR="off")
    with builder.mounted("ix-without-ocr") as root:
        smaller, larger = (images.size_in_megabytes(one / "opt" / "ix") for one in (root, image))
    assert smaller < 0.6 * larger
    environment = builder.configuration("ix-without-ocr")["Env"]
    assert isinstance(environment, list)
    assert "IX_OCR=off" in environment


def test_a_stop_gives_a_job_back_with_no_attempt_spent(image: Path, url: str) -> None:
    drills = {"IX_DRILL": "true"}
    with ExitStack() as both:
        engine = both.enter_context(running(image, "engine", url, **drills))
        web = both.enter_context(running(image, "web", url, **drills))
        engine.until("listener connected", 120)
        address = web.until(r"web listens address=(\S+)", 120)[1]
        with Client(address, client_id="me") as ix:
            job = ix.submit([RECEIPT], "drill", options={"action": "sleep", "seconds": 60})
            engine.until(f"job started.*{job.ix_id}", 60)
            os.kill(images.first_process(engine), signal.SIGTERM)
            assert engine.wait(20) == 0
            found = ix.get(job.ix_id)
        assert (found.status, found.attempts) == ("pending", 0)


def test_units_of_systemd_start_there_with_their_credentials(image: Path, url: str) -> None:
    [folder] = parse_qs(urlsplit(url).query)["host"]
    with databases.clone(url, None) as own, ExitStack() as at_end:
        key = credentials(Path(folder) / "credentials", own.replace(folder, images.MOUNT))
        started = {name: at_end.enter_context(unit(image, name, own)) for name in ("ix-migrate",)}
        assert started["ix-migrate"].wait(120) == 0, started["ix-migrate"].lines
        assert any(f"key {key.split('_')[1]} is valid from now on" in line for line in started["ix-migrate"].lines)
        engine, web = (at_end.enter_context(unit(image, name, own)) for name in ("ix-engine@", "ix-web@"))
        engine.until("listener connected", 120)
        address = web.until(r"web listens address=(\S+)", 120)[1]
        assert httpx.get(f"{address}/jobs").status_code == 401
        assert httpx.get(f"{address}/jobs", headers={"authorization": f"Bearer {key}"}).status_code == 200


def unit(image: Path, name: str, url: str) -> AbstractContextManager[Process]:
    """What a unit starts, with what it sets. systemd's own filters are not in force."""
    [program] = units.service(name)["ExecStart"]
    path, command = program.split()
    assert (image / path.lstrip("/")).exists()
    # the address comes from the credential alone
    given = units.environment(name, f"{images.MOUNT}/credentials")
    return running(image, command, url, **given, IX_POSTGRES_URL="")


def credentials(folder: Path, url: str) -> str:
    """The files that the units ask for, as systemd hands them over; gives the first key."""
    folder.mkdir()
    key = f"ix_{secrets.token_hex(6)}_{secrets.token_urlsafe(32)}"
    for name, text in {"postgres_url": url, "bootstrap_key": key}.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o440)
        os.chown(folder / name, 0, int(images.USER))
    return key
