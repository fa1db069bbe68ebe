"""`ix doctor`: what is well is said to be, and each thing that is not is found, with what to do."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

import pytest

from ix.cli import doctor
from ix.cli.doctor import CHECKS, Examined, database, examine, machine
from ix.cli.doctor.patient import Check, Finding, Patient, State, ok
from ix.config import MIB, Limit, Settings
from ix.database import embedded
from ix.database.inspection import Inspection
from ix.database.migrate import migrate
from ix.database.roles import ROLES
from tests import databases, processes
from tests.accounts import accounts, connected
from tests.cli.conftest import Ix
from tests.databases import with_database
from tests.extraction.models.fake_ollama import MODEL, FakeOllama

OF_DATABASE = (
    "migrations",
    "rights",
    "notifications",
    "queue",
    "durability",
    "transactions",
    "engines",
    "clock",
    "keys",
)


async def look(name: str, url: str = "", **settings: Any) -> Finding:
    """What one check says."""
    patient = Patient(Settings(postgres_url=url, **settings))
    [found] = await examine(patient, [check for check in CHECKS if check.name == name])
    return found.finding


def told(out: str) -> dict[str, dict[str, str]]:
    return {one["check"]: one for one in json.loads(out)["checks"]}


class TestAll:
    def test_a_running_ix_is_well(self, ix: Ix, server_url: str, template_name: str) -> None:
        with databases.clone(server_url, template_name) as url, processes.engine(url):
            done = ix("doctor", "--json", IX_POSTGRES_URL=url, IX_OCR="off")
        found = told(done.out)
        assert [one for one in found.values() if one["state"] not in ("ok", "off")] == []
        assert (done.code, json.loads(done.out)["well"]) == (0, True)
        unused = [name for name, one in found.items() if one["state"] == "off"]
        assert unused == ["replica", "object store", "certificate", "model", "ocr", "invoice rules", "binaries"]

    @pytest.mark.skipif(next(embedded.candidates(), None) is None, reason="no PostgreSQL server on this machine")
    def test_without_a_database_the_rest_is_examined_and_ix_up_is_named(self, ix: Ix, tmp_path: Path) -> None:
        done = ix("doctor", IX_HOME=str(tmp_path / "home"), IX_OCR="off")
        lines = {line.split()[1]: line for line in done.out.splitlines()}
        assert done.code == 0
        assert "`ix up` starts it" in lines["database"]
        assert lines["binaries"].startswith("ok   binaries       `ix up` uses ")
        assert all(lines[name].endswith("not checked: no database answers") for name in OF_DATABASE)
        assert not (tmp_path / "home").exists()

    def test_a_database_that_is_down_is_one_fault_and_keeps_its_password(self, ix: Ix) -> None:
        done = ix("doctor", "--json", IX_POSTGRES_URL="postgres://ix:hush@127.0.0.1:1/ix", IX_OCR="off")
        found = told(done.out)
        assert done.code == 1
        assert [name for name, one in found.items() if one["state"] == "fail"] == ["database"]
        assert found["database"]["advice"] == "start PostgreSQL, or correct IX_POSTGRES_URL"
        assert "hush" not in done.out + done.err

    def test_the_embedded_database_is_examined_where_it_runs(self, ix: Ix, server_url: str) -> None:
        folder = parse_qs(urlsplit(server_url).query).get("host", [""])[0]
        if Path(folder).name != "run":
            pytest.skip("the tests' server is not an embedded one")
        found = told(ix("doctor", "--json", IX_HOME=str(Path(folder).parent), IX_OCR="off").out)
        assert found["database"]["state"] == "ok"
        assert found["migrations"]["state"] == "fail"

    async def test_each_check_has_its_time_and_none_hides_another(self) -> None:
        async def hangs(patient: Patient) -> Finding:
            await asyncio.Event().wait()
            return ok("never")

        async def raises(patient: Patient) -> Finding:
            raise RuntimeError("with words that may be a document's")

        async def works(patient: Patient) -> Finding:
            return ok("fine")

        found = await examine(Patient(Settings()), [Check("a", hangs, 0.01), Check("b", raises), Check("c", works)])
        assert [(one.check, one.finding.state, one.finding.found) for one in found] == [
            ("a", State.FAIL, "no answer within 0.01 s"),
            ("b", State.FAIL, "RuntimeError"),
            ("c", State.OK, "fine"),
        ]

    @pytest.mark.parametrize(
        ("encoding", "is_terminal", "sign", "arrow"),
        [("utf-8", True, "✗", "→"), ("latin-1", True, "FAIL", "->"), ("utf-8", False, "FAIL", "->")],
    )
    def test_signs_are_for_terminals_that_can_show_them(
        self, encoding: str, is_terminal: bool, sign: str, arrow: str
    ) -> None:
        stream = io.TextIOWrapper(io.BytesIO(), encoding)
        stream.isatty = lambda: is_terminal  # type: ignore[method-assign]
        result = Examined("ocr", Finding(State.FAIL, "is gone", "bring it back"))
        assert list(doctor._lines([result], stream)) == [f"{sign} ocr  is gone {arrow} bring it back"]


class TestSettings:
    def test_every_wrong_one_is_named_and_the_others_hold(self, ix: Ix) -> None:
        done = ix("doctor", "--json", IX_PORT="x", IX_ENGINE_SLOTS="none", IX_EXTRACTOR="ollama", IX_OCR="off")
        found = told(done.out)
        assert done.code == 1
        assert all(f"{name}: " in found["settings"]["found"] for name in ("IX_PORT", "IX_ENGINE_SLOTS", "IX_MODEL"))
        assert found["ocr"]["state"] == "off"

    async def test_a_name_that_is_nearly_a_setting_is_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("IX_ENGINE_SLOT", "4")
        finding = await look("settings")
        assert finding.state is State.WARN
        assert "IX_ENGINE_SLOT is no setting (IX_ENGINE_SLOTS is)" in finding.found


class TestDatabase:
    async def test_one_without_tables_has_its_migrations_named(self, empty_database_url: str) -> None:
        finding = await look("migrations", empty_database_url)
        assert (finding.state, finding.advice) == (State.FAIL, "run `ix migrate`")
        assert "20261201000000_schema" in finding.found
        assert (await look("engines", empty_database_url)).found == "not checked: the database lacks tables of this ix"
        await migrate(empty_database_url)
        assert (await look("migrations", empty_database_url)).state is State.OK

    async def test_one_of_a_newer_ix_is_told(self, database_url: str) -> None:
        async with connected(database_url) as owner:
            await owner.execute("INSERT INTO schema_migrations VALUES ('29990101000000')")
        finding = await look("migrations", database_url)
        assert finding.state is State.WARN
        assert "29990101000000" in finding.found

    async def test_one_from_before_the_first_release_is_told_with_what_to_do(self, database_url: str) -> None:
        async with connected(database_url) as owner:
            await owner.execute("DELETE FROM schema_migrations")
            await owner.execute("INSERT INTO schema_migrations VALUES ('20261126190000')")
        finding = await look("migrations", database_url)
        assert finding.state is State.FAIL
        assert "older than 0.1.0" in finding.found
        assert "new database" in finding.advice

    async def test_an_old_one_is_refused(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "OLDEST_MAJOR", 99)
        assert (await look("database", database_url)).advice == "ix needs PostgreSQL 99 or newer"

    async def test_notifications_that_do_not_arrive_are_noticed(
        self, database_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Inspection, "_NOTIFY", "SELECT $1::text")
        monkeypatch.setattr(database, "PING_SECONDS", 0.05)
        finding = await look("notifications", database_url)
        assert finding.state is State.FAIL
        assert "PgBouncer" in finding.advice

    async def test_a_full_queue_is_noticed(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "QUEUE_LIMIT", 0.0)
        assert (await look("queue", database_url)).state is State.WARN

    async def test_lax_durability_is_a_fault(self, database_url: str) -> None:
        name = urlsplit(database_url).path[1:]
        async with connected(database_url) as owner:
            await owner.execute(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
        finding = await look("durability", database_url)
        assert finding.state is State.FAIL
        assert finding.found.startswith("synchronous_commit off")

    async def test_a_transaction_held_open_is_named(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        assert (await look("transactions", database_url)).state is State.OK
        monkeypatch.setattr(database, "LONG_SECONDS", 0.0)
        async with connected(database_url) as other, other.transaction():
            pid = await other.fetchval("SELECT pg_backend_pid() FROM jobs RIGHT JOIN (SELECT 1) AS one ON true")
            finding = await look("transactions", database_url)
        assert finding.state is State.WARN
        assert f"session {pid} of " in finding.found

    async def test_clocks_that_differ_are_noticed(self, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(database, "CLOCK_SECONDS", 0.0)
        assert "NTP" in (await look("clock", database_url)).advice


class TestEngines:
    ROW = """
        INSERT INTO engines (engine_id, lock_key, name, heartbeat_at, health)
        VALUES (gen_random_uuid(), 1, 'here:1', now() - {}, '{}')"""

    async def test_none_is_a_fault(self, database_url: str) -> None:
        finding = await look("engines", database_url)
        assert (finding.state, finding.advice) == (State.FAIL, "start one: `ix engine`")

    async def test_one_that_is_silent_does_not_live(self, database_url: str) -> None:
        async with connected(database_url) as owner:
            await owner.execute(self.ROW.format("interval '1 hour'", "{}"))
        finding = await look("engines", database_url)
        assert finding.state is State.FAIL
        assert "1 gave up" in finding.found

    async def test_a_part_that_is_unwell_is_named(self, database_url: str) -> None:
        async with connected(database_url) as owner:
            await owner.execute(self.ROW.format("interval '1 second'", '{"ocr": "fail"}'))
        finding = await look("engines", database_url)
        assert finding.state is State.WARN
        assert "here:1: ocr fail" in finding.found


class Logins(NamedTuple):
    database: str
    web: str
    engine: str
    stranger: str


@pytest.fixture(scope="module")
def logins(server_url: str, template_name: str) -> Iterator[Logins]:
    with databases.clone(server_url, template_name) as url, accounts(server_url, url) as found:
        yield Logins(url, found[ROLES[0]], found[ROLES[1]], found[""])


class TestRights:
    async def test_what_the_account_may_do_is_told(self, logins: Logins) -> None:
        found = {name: await look("rights", getattr(logins, name)) for name in Logins._fields}
        assert found["database"].found.endswith("owns the tables; `ix roles` prepares accounts that may do less")
        assert found["web"].found.endswith("may do the work of web")
        assert found["engine"].found.endswith("may do the work of engine")
        assert found["stranger"].state is State.FAIL
        assert "ix roles" in found["stranger"].advice

    async def test_webs_and_engines_accounts_may_look_at_nearly_everything(self, logins: Logins) -> None:
        for url in (logins.web, logins.engine):
            patient = Patient(Settings(postgres_url=url, ocr="off"))
            found = await examine(patient, [check for check in CHECKS if check.name in OF_DATABASE])
            assert [one for one in found if one.finding.state is State.FAIL and one.check != "engines"] == []


class TestKeys:
    async def test_an_open_service_is_for_this_machine_only(self, database_url: str) -> None:
        assert (await look("keys", database_url)).found.startswith(
            "none was made: 127.0.0.1 answers this machine's own"
        )
        for settings in ({"trusted_proxies": ("10.0.0.1",)}, {"cors_origins": ("*",)}):
            assert (await look("keys", database_url, **settings)).state is State.WARN
        finding = await look("keys", database_url, host="0.0.0.0")
        assert (finding.state, finding.advice) == (State.FAIL, "make one: `ix keys add CLIENT`")

    async def test_keys_are_counted_and_none_left_is_a_fault(self, database_url: str) -> None:
        async with connected(database_url) as owner:
            await owner.execute(
                "INSERT INTO api_keys (key_id, sha256) VALUES ('0123456789ab', decode(repeat('00', 32), 'hex'))"
            )
            assert (await look("keys", database_url, host="0.0.0.0")).found == "1 valid, 0 revoked or expired"
            await owner.execute("UPDATE api_keys SET expires_at = now()")
        assert (await look("keys", database_url)).state is State.FAIL


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    fake = FakeOllama()
    with fake.running():
        yield fake


class TestMachine:
    async def test_packages_that_are_missing_or_too_old_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(machine, "requires", lambda name: ["asyncpg>=99.1", "nonesuch>=1", "httpx>=0.28"])
        finding = await look("versions")
        assert finding.state is State.FAIL
        assert "nonesuch missing (needs 1)" in finding.found
        assert "(needs 99.1)" in finding.found
        assert "httpx" not in finding.found

    async def test_packages_of_an_extra_may_be_missing_and_not_too_old(self, monkeypatch: pytest.MonkeyPatch) -> None:
        lines = ['nonesuch>=1; extra == "otel"', 'asyncpg<0.99,>=0.1; extra == "web"', "uvloop>=0.1; extra == 'web'"]
        monkeypatch.setattr(machine, "requires", lambda name: lines)
        finding = await look("versions")
        assert (finding.state, finding.found.partition("extras: ")[2]) == (State.OK, "web")
        monkeypatch.setattr(machine, "requires", lambda name: [*lines, 'httptools>=99; extra == "web"'])
        assert (await look("versions")).state is State.FAIL
        # of an extra that is not installed it is somebody else's
        monkeypatch.setattr(machine, "requires", lambda name: [*lines, 'httptools>=99; extra == "otel"'])
        assert (await look("versions")).state is State.OK

    async def test_use_cases_are_told_with_those_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "note.json").write_text('{"properties": {"number": {"type": "string"}}}')
        limits = (Limit(("note", "receipt"), 2),)
        finding = await look("use cases", use_case_dir=str(tmp_path), limits=limits)
        assert finding.state is State.OK
        assert {"auto", "custom", "invoice", "note"} <= set(finding.found.split(", "))
        assert "drill" not in finding.found
        without = await look("use cases", limits=limits)
        assert (without.state, without.found) == (State.FAIL, "IX_LIMITS: there is no use case note")

    async def test_a_use_case_that_cannot_be_loaded_is_a_fault(self, tmp_path: Path) -> None:
        (tmp_path / "note.json").write_text("{}")
        finding = await look("use cases", use_case_dir=str(tmp_path))
        assert finding.state is State.FAIL
        assert finding.found.startswith(f"IX_USE_CASE_DIR: {tmp_path}/note.json: ")

    async def test_what_reads_documents_is_not_checked_where_it_is_not_installed(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(machine, "find_spec", lambda name: None)
        assert [(await look(name)).state for name in ("reader", "ocr")] == [State.OFF, State.OFF]

    async def test_a_certificate_that_web_could_not_use_is_a_fault(self, tmp_path: Path) -> None:
        assert (await look("certificate")).state is State.OFF
        finding = await look("certificate", tls_cert=str(tmp_path / "none"))
        assert (finding.state, finding.found.partition(":")[0]) == (State.FAIL, "IX_TLS_CERT")
        files = Path(__file__).parents[1] / "tls"
        assert (
            await look("certificate", tls_cert=str(files / "old.crt"), tls_key=str(files / "old.key"))
        ).state == "ok"

    async def test_nor_is_what_ix_up_needs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("IX_POSTGRES_URL", raising=False)
        monkeypatch.setattr(machine, "candidates", lambda: iter(()))
        assert (await look("binaries")).state is State.FAIL
        monkeypatch.setattr(machine, "find_spec", lambda name: None)
        assert (await look("binaries")).state is State.OFF

    @pytest.mark.parametrize(("name", "state"), [(MODEL, State.OK), ("other:1b", State.FAIL)])
    async def test_the_model_is_looked_for(self, ollama: FakeOllama, name: str, state: State) -> None:
        finding = await look("model", extractor="ollama", model=name, ollama_url=ollama.url)
        assert (finding.state, name in finding.found) == (state, True)
        assert state is State.OK or "ollama pull" in finding.advice

    async def test_a_model_server_that_is_not_there_is_named(self) -> None:
        finding = await look("model", extractor="openai", model="m", openai_url="http://127.0.0.1:1/v1")
        assert (finding.state, finding.advice) == (State.FAIL, "start it, or set IX_OPENAI_URL")

    @pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract, the quicker of the two, is not installed")
    async def test_ocr_reads_a_picture(self) -> None:
        finding = await look("ocr", ocr="tesseract")
        assert finding.state is State.OK
        assert "reads a picture" in finding.found

    async def test_ocr_that_is_not_installed_is_a_fault(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        finding = await look("ocr", ocr="tesseract")
        assert (finding.state, finding.advice) == (State.FAIL, "install the tesseract command, or set IX_OCR")

    async def test_a_reader_that_cannot_work_is_a_fault(self) -> None:
        finding = await look("reader", reader_memory=1 * MIB)
        assert finding.state is State.FAIL
        assert "IX_READER_MEMORY" in finding.advice

    @pytest.mark.parametrize(("share", "state"), [(2.0, State.OK), (0.5, State.WARN), (0.01, State.FAIL)])
    async def test_a_disk_that_fills_up_is_noticed(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, share: float, state: State
    ) -> None:
        free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
        monkeypatch.setattr(machine, "SCARCE", free / share)
        monkeypatch.setattr(machine, "USED_UP", free / share / 10)
        finding = await look("disk", home=str(tmp_path / "none"))
        assert finding.state is state
        assert "which is not made yet" in finding.found

    async def test_no_server_to_embed_is_a_fault(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("IX_POSTGRES_URL", raising=False)
        monkeypatch.setattr(machine, "candidates", lambda: iter(()))
        assert (await look("binaries")).state is State.FAIL


def test_nobodys_database_is_named_without_a_trace(ix: Ix, server_url: str) -> None:
    done = ix("doctor", IX_POSTGRES_URL=with_database(server_url, "nobody"), IX_OCR="off")
    assert 'does not answer (InvalidCatalogNameError: database "nobody" does not exist)' in done.out
    assert done.err == ""
