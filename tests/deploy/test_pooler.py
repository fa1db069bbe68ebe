"""The pooler of the chart: its configuration, in a real PgBouncer, between a service and its database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ix.client import Client
from ix.telemetry.events import Event
from tests import pooler
from tests.deploy import production
from tests.deploy.production import Production
from tests.deploy.programs import ROOT, program
from tests.deploy.test_chart import of_kind

INVOICE = ROOT / "examples" / "invoice.pdf"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Production]:
    with production.running(tmp_path) as running:
        yield running


@pytest.fixture
def userlist(service: Production) -> Iterator[Path]:
    """The file that names accounts and passwords, where the account of the pooler can read it."""
    folder = Path(tempfile.mkdtemp(prefix="ix-userlist-"))
    folder.chmod(0o755)
    lines = [f'"{one}" "{(service.secrets / f"{one}_password").read_text()}"' for one in production.ACCOUNTS]
    (folder / "userlist.txt").write_text("\n".join(lines))
    yield folder / "userlist.txt"
    shutil.rmtree(folder)


def configuration(userlist: Path) -> str:
    """The chart's, for `bouncer` to fill in where the database and the pooler are."""
    [ini] = [one["data"]["pgbouncer.ini"] for one in of_kind("pooler", "ConfigMap")]
    here = {
        "host=postgres port=5432": "host={host} port={port}",
        "listen_addr = 0.0.0.0": "listen_addr = 127.0.0.1\nunix_socket_dir =",
        "listen_port = 6432": "listen_port = {listen}",
        "/run/secrets/ix/userlist.txt": str(userlist),
    }
    for theirs, ours in here.items():
        assert theirs in ini
        ini = ini.replace(theirs, ours)
    return str(ini)


def test_a_job_is_done_through_it_with_one_direct_connection_each(service: Production, userlist: Path) -> None:
    program("pgbouncer")
    with pooler.bouncer(service.addresses["owner"], configuration=configuration(userlist)) as pooled:
        port = urlsplit(pooled).port
        started = {}
        for account in ("web", "engine"):
            password = (service.secrets / f"{account}_password").read_text()
            given = {"IX_LISTEN_URL": service.addresses[account], "IX_OCR": "off"}
            url = f"postgres://{account}:{password}@127.0.0.1:{port}/ix?sslmode=disable"
            started[account] = production.process(account, url, **given)
        with started["web"] as web, started["engine"] as engine:
            engine.until("listener connected")
            address = web.until(r"web listens address=(\S+)")[1]
            with Client(address, client_id="me", key=service.key) as ix:
                job = ix.wait(ix.submit([INVOICE], "invoice"), 60)
            assert job.status == "done"
            # without the direct connection each would say that it hears nothing through the pooler
            assert not [line for line in web.lines + engine.lines if Event.NOTIFICATIONS_MISSING.value[1] in line]
