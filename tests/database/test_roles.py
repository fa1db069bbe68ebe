"""Roles: web and engine do all their work with them, and nothing beyond it."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
import httpx
import pytest

from ix.database import roles
from ix.database.connect import Connection
from ix.database.migrate import migrate, set_up_roles
from ix.errors import IxError
from tests import databases, processes
from tests.accounts import accounts, connected, execute
from tests.blackbox.test_jobs import body, submit
from tests.extraction.locked import PASSWORD, locked
from tests.processes import Process
from tests.receiver import Receiver, receiver

RECEIPT = b"CORNER SHOP LTD\nDate: 05/03/2024\nTOTAL 3.70\n"


@pytest.fixture(scope="module")
def owned(server_url: str, template_name: str) -> Iterator[str]:
    """A migrated database, by its owner."""
    with databases.clone(server_url, template_name) as url:
        yield url


@pytest.fixture(scope="module")
def logins(server_url: str, owned: str) -> Iterator[Mapping[str, str]]:
    with accounts(server_url, owned) as found:
        yield found


def test_web_and_engine_do_all_their_work_with_their_roles(owned: str, logins: Mapping[str, str]) -> None:
    processes.run_ix(owned, "secret", "acme")
    with receiver() as there:
        settings = {
            "IX_ALLOW_HOSTS": there.host,
            "IX_RETRY_DELAY": "0.01",
            "IX_RETENTION_DAYS": "30",
            "IX_DOCUMENT_DAYS": "drill=20,*=10",
            "IX_SWEEP_INTERVAL": "0.1",
        }
        settings["IX_LIMITS"] = "drill=1"
        web = Process("web", logins["ix_web"], **settings)
        engine = Process("engine", logins["ix_engine"], **settings)
        try:
            address = web.until(r"web listens address=(\S+)")[1]
            engine.until("listener connected")
            with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
                _live(client, there)
                cancelled, held = (submit(client, options={"action": "hang"}) for _ in range(2))
                engine.until(f"job started.*{cancelled['ix_id']}")
                assert client.delete(f"/jobs/{cancelled['ix_id']}").json()["status"] == "cancelled"
                engine.until(f"job started.*{held['ix_id']}")
                engine.send(signal.SIGTERM)
                assert engine.wait() == 0
                assert client.get(f"/jobs/{held['ix_id']}").json()["status"] == "pending"
                assert client.delete(f"/jobs/{held['ix_id']}").json()["status"] == "cancelled"
        finally:
            web.stop()
            engine.stop()
    complaints = [
        line for line in (*web.lines, *engine.lines) if "permission" in line or "WARNING" in line or "ERROR" in line
    ]
    assert [line for line in complaints if "tried again" not in line] == []


def _live(client: httpx.Client, there: Receiver) -> None:
    """A job with a document from its submission to its erasure, and one that is tried again by itself."""
    form = {"client_id": "acme", "request_id": "r1", "use_case": "receipt", "callback_url": there.url}
    for repeat in range(2):
        posted = client.post("/jobs?wait=20", data=form, files={"documents": ("a.txt", RECEIPT)})
        assert posted.status_code == (200 if repeat else 201), posted.text
        assert (posted.json()["status"], posted.json()["response"]["result"]["total"]) == ("done", 3.7)
    ix_id = posted.json()["ix_id"]
    assert there.until(1)[0].headers["webhook-signature"].startswith("v1,")
    assert client.post(f"/jobs/{ix_id}/deliveries").status_code == 202
    there.until(2)
    again = client.post(f"/jobs/{ix_id}/retry").json()
    assert (again["status"], again["attempts"], again["response"]) == ("pending", 0, None)
    assert client.get(f"/jobs/{ix_id}?wait=20").json()["status"] == "done"
    assert client.get(f"/jobs/{ix_id}/deliveries").json()
    assert client.get("/jobs?client_id=acme").json()["jobs"]
    assert client.get("/metrics").json()["engines"] == 1
    assert client.get("/healthz").status_code == 200
    tried_again = client.post("/jobs?wait=20", json=body(options={"action": "transient", "attempts": 1})).json()
    assert (tried_again["status"], tried_again["attempts"]) == ("done", 2)
    assert client.delete(f"/jobs/{ix_id}?erase=true").status_code == 204
    _live_behind_a_password(client)
    _operate(client)


def _operate(client: httpx.Client) -> None:
    """A use case that stands still and goes on; many jobs retried, cancelled and erased; minutes and engines."""
    assert client.put("/use-cases/drill/pause").json()["settled"]
    for number in range(3):
        client.post("/jobs", json={"client_id": "many", "request_id": f"r{number}", "use_case": "drill"})
    assert client.get("/metrics").json()["paused"] == {"drill": 3}
    mine = {"where": {"client_id": "many"}, "expect": 3}
    for action in ("cancel", "retry"):
        assert _done(client, {"action": action, **mine}) == 3
    assert client.delete("/use-cases/drill/pause").status_code == 204
    for job in client.get("/jobs?client_id=many").json()["jobs"]:
        assert client.get(f"/jobs/{job['ix_id']}?wait=20").json()["status"] == "done"
    assert sum(minute["done"] for minute in client.get("/metrics/minutes").json()["minutes"]) >= 3
    assert client.get("/engines").json()["engines"][0]["slots"]
    assert _done(client, {"action": "erase", **mine}) == 3


def _done(client: httpx.Client, asked: Mapping[str, Any]) -> int:
    """How many jobs an action was done to, once it is done."""
    answer = client.post("/jobs/actions", json=asked)
    assert answer.status_code == 202, answer.text
    while (action := client.get(answer.headers["location"]).json())["state"] != "done":
        pass
    return int(action["done"])


def _live_behind_a_password(client: httpx.Client) -> None:
    """Opened, tried again, cancelled and erased: web deletes what it may not read."""
    form = {"client_id": "acme", "request_id": "locked", "use_case": "receipt", "password": PASSWORD}
    job = client.post("/jobs?wait=20", data=form, files={"documents": ("a.pdf", locked())}).json()
    assert (job["status"], job["response"]["result"]["total"]) == ("done", 12.5)
    again = f"/jobs/{job['ix_id']}/retry"
    assert client.post(again).status_code == 422
    assert client.post(again, json={"passwords": [PASSWORD]}).status_code == 202
    assert client.get(f"/jobs/{job['ix_id']}?wait=20").json()["response"]["result"]["total"] == 12.5
    asked = {**body(run_at="2100-01-01T00:00:00Z"), "documents": [{"text": "x", "password": PASSWORD}]}
    for erase in ("false", "true"):
        ix_id = client.post("/jobs", json={**asked, "request_id": erase}).json()["ix_id"]
        assert client.delete(f"/jobs/{ix_id}?erase={erase}").status_code == (204 if erase == "true" else 200)


INSERT_JOB = "INSERT INTO jobs (client_id, request_id, use_case, fingerprint, max_attempts, request"
REFUSED = {
    "ix_web": [
        # it takes jobs in; it ends none
        "UPDATE jobs SET response = '{}'",
        "UPDATE jobs SET claim_token = gen_random_uuid()",
        "UPDATE jobs SET started_at = now()",
        INSERT_JOB + ", response) VALUES ('a', 'b', 'c', '', 1, '{}', '{}')",
        # what was asked for stays as it was
        "UPDATE jobs SET request = '{}'",
        "UPDATE jobs SET callback_url = 'https://example.com'",
        "UPDATE jobs SET client_id = 'other'",
        # it stores documents; it does not hand them out
        "SELECT bytes FROM documents",
        "UPDATE documents SET bytes = ''",
        # it passes passwords on
        "SELECT password FROM job_passwords",
        "DELETE FROM job_passwords RETURNING password",
        "UPDATE job_passwords SET password = ''",
        "UPDATE password_key SET key = ''",
        "UPDATE jobs SET has_passwords = false",
        "INSERT INTO engines (engine_id, lock_key, name) VALUES (gen_random_uuid(), 1, 'x')",
        "UPDATE engines SET heartbeat_at = now()",
        "DELETE FROM engines",
        "SELECT secret FROM callback_secrets",
        "DELETE FROM callback_secrets",
        "UPDATE deliveries SET status = 'delivered'",
        "UPDATE deliveries SET url = 'https://example.com'",
        "INSERT INTO deliveries (ix_id, url, status, ended_at) VALUES ('x', 'y', 'delivered', now())",
        "INSERT INTO api_keys (key_id, sha256) VALUES ('0123456789ab', '')",
        "UPDATE api_keys SET revoked_at = NULL",
        "UPDATE api_keys SET may = NULL",
        "UPDATE api_keys SET expires_at = NULL, used_at = now()",
        "DELETE FROM api_keys",
        # what was done stays done, by whom, and when
        "UPDATE audit SET who = 'somebody else'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "INSERT INTO audit (who, what, at) VALUES ('a', 'b', '2020-01-01')",
        "INSERT INTO audit (number, who, what) OVERRIDING SYSTEM VALUE VALUES (1, 'a', 'b')",
        "SELECT setval('audit_number_seq', 1)",
        # a session cannot be made older or younger, nor become another's
        "INSERT INTO sessions (sha256, key_id, created_at) VALUES ('', 'x', now() + interval '1 year')",
        "UPDATE sessions SET created_at = now()",
        "UPDATE sessions SET key_id = 'x'",
        "UPDATE sessions SET roles = '{}'",
        "INSERT INTO queue_slots (queue, slot) VALUES ('x', 1)",
        "DELETE FROM queue_slots",
        "DELETE FROM queues",
        # engines split
        "SELECT split_job('x', gen_random_uuid(), '[]', '{}', '{}')",
        "UPDATE jobs SET parts = 1, parent = 'x'",
    ],
    "ix_engine": [
        # it runs jobs; it makes none, and changes none of what was asked for
        INSERT_JOB + ") VALUES ('a', 'b', 'c', '', 1, '{}')",
        "SELECT nextval('job_numbers')",
        # parts come by the function that looks at the claim
        "INSERT INTO parts (parent, number, ix_id, request_id, documents, reason) VALUES ('a', 1, 'b', 'c', '[]', '')",
        "UPDATE jobs SET parts = 1",
        "UPDATE parts SET documents = '[]'",
        "UPDATE jobs SET request = '{}'",
        "UPDATE jobs SET callback_url = 'https://example.com'",
        "UPDATE jobs SET client_id = 'other'",
        "UPDATE jobs SET use_case = 'drill'",
        "UPDATE jobs SET max_attempts = 100",
        "INSERT INTO documents (sha256, bytes) VALUES ('', '')",
        "INSERT INTO job_passwords VALUES ('0123456789abcdef', 0, '')",
        "SELECT key FROM password_key",
        "UPDATE documents SET bytes = ''",
        # it signs; it makes no secrets
        "INSERT INTO callback_secrets (client_id, secret) VALUES ('a', '')",
        "UPDATE callback_secrets SET expires_at = NULL",
        "DELETE FROM callback_secrets",
        "UPDATE deliveries SET url = 'https://example.com'",
        "DELETE FROM deliveries",
        "SELECT sha256 FROM api_keys",
        "INSERT INTO api_keys (key_id, sha256) VALUES ('0123456789ab', '')",
        # people come to web
        "SELECT who FROM audit",
        "INSERT INTO audit (who, what) VALUES ('a', 'b')",
        "SELECT sha256 FROM sessions",
        "DELETE FROM sessions",
    ],
    "": [
        "SELECT ix_id FROM jobs",
        "SELECT sha256 FROM documents",
        "SELECT secret FROM callback_secrets",
        "SELECT sha256 FROM api_keys",
    ],
}
FOR_NOBODY = [
    "TRUNCATE jobs",
    "DROP TABLE jobs",
    "ALTER TABLE jobs ADD COLUMN x int",
    "ALTER TABLE jobs DISABLE TRIGGER ALL",
    "CREATE TABLE x ()",
    "CREATE ROLE x",
    "DELETE FROM schema_migrations",
    "CREATE OR REPLACE FUNCTION new_ix_id() RETURNS text LANGUAGE sql RETURN 'x'",
]


@pytest.mark.parametrize("role", REFUSED)
async def test_what_a_role_must_not_do_is_refused(logins: Mapping[str, str], role: str) -> None:
    async with connected(logins[role]) as connection:
        allowed = [
            statement for statement in REFUSED[role] + FOR_NOBODY if not await _is_refused(connection, statement)
        ]
    assert allowed == []


async def _is_refused(connection: Connection, statement: str) -> bool:
    try:
        await connection.execute(statement)
    except asyncpg.InsufficientPrivilegeError:
        return True
    return False


@pytest.mark.parametrize(
    "written",
    [
        "status = 'done', finished_at = now()",
        "status = 'error', finished_at = now()",
        "status = 'running', engine_id = gen_random_uuid()",
        "status = 'cancelled'",
    ],
)
async def test_web_can_neither_claim_nor_finish_by_what_it_may_write(
    owned: str, logins: Mapping[str, str], written: str
) -> None:
    async with connected(owned) as owner, connected(logins["ix_web"]) as web:
        await owner.execute(f"{INSERT_JOB}) VALUES ('a', $1, 'c', decode(repeat('00', 32), 'hex'), 1, '{{}}')", written)
        with pytest.raises(asyncpg.CheckViolationError):
            await web.execute(f"UPDATE jobs SET {written} WHERE request_id = $1", written)


TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = ANY($1::\"char\"[])"


@pytest.mark.parametrize(
    ("kinds", "named"),
    [("rpvmf", r"REVOKE ALL ON (?!SEQUENCE)([\w,\s]+) FROM"), ("S", r"REVOKE ALL ON SEQUENCE ([\w,\s]+) FROM")],
)
async def test_every_table_has_a_decision(owned: str, kinds: str, named: str) -> None:
    """Whoever adds a table names it in `ix.database.roles._GRANTS`, first where all rights are taken, then where some
    are given."""
    async with connected(owned) as owner:
        existing = {row["relname"] for row in await owner.fetch(TABLES, [kind.encode() for kind in kinds])}
    assert {name for found in re.findall(named, roles._GRANTS) for name in re.findall(r"\w+", found)} == existing


async def test_rights_beyond_are_taken_back(owned: str, logins: Mapping[str, str]) -> None:
    async with connected(owned) as owner, connected(logins["ix_engine"]) as engine:
        await owner.execute("GRANT ALL ON api_keys TO ix_engine")
        await engine.fetch("SELECT key_id FROM api_keys")
        assert await set_up_roles(owned) == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await engine.fetch("SELECT key_id FROM api_keys")


async def test_a_migration_renews_the_rights_and_its_way_back_leaves_the_roles(
    logins: Mapping[str, str], empty_database_url: str
) -> None:
    await migrate(empty_database_url)
    async with connected(empty_database_url) as owner:
        assert await owner.fetchval("SELECT has_table_privilege('ix_web', 'jobs', 'SELECT')")
        for _ in range(await owner.fetchval("SELECT count(*) FROM schema_migrations")):
            await migrate(empty_database_url, "down")
        assert await roles.existing(owner) == set(roles.ROLES)


class TestWithoutTheRightToMakeRoles:
    """A server without the roles, whose owner of the database may make none."""

    @pytest.fixture
    def plain_owner(self, server_url: str, logins: Mapping[str, str], empty_database_url: str) -> str:
        name = logins[""].split("//")[1].split(":")[0]
        execute(empty_database_url, [f"GRANT ALL ON SCHEMA public TO {name}"])
        return re.sub(r"//[^@]*@", f"//{logins[''].split('//')[1].split('@')[0]}@", empty_database_url)

    async def test_it_grants_where_an_administrator_made_them(self, plain_owner: str) -> None:
        await migrate(plain_owner)
        assert await set_up_roles(plain_owner) == []

    async def test_it_says_what_an_administrator_has_to_run(
        self, plain_owner: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        absent = "CREATE ROLE ix_test_absent NOLOGIN"
        monkeypatch.setattr(roles, "ROLES", ("ix_test_absent",))
        monkeypatch.setattr(roles, "_CREATE", {"ix_test_absent": absent})
        with pytest.raises(IxError, match=f"let an administrator run `{absent}`"):
            await set_up_roles(plain_owner)


def test_the_command_says_how_to_go_on(owned: str, logins: Mapping[str, str]) -> None:
    assert "CREATE ROLE web LOGIN PASSWORD" in processes.run_ix(owned, "roles")
    told: dict[str, Any] = json.loads(processes.run_ix(owned, "roles", "--json"))
    assert told == {"roles": ["ix_web", "ix_engine"], "made": []}


def test_a_command_for_the_owner_says_so(logins: Mapping[str, str]) -> None:
    with pytest.raises(
        AssertionError, match=r"IX_POSTGRES_URL: the account lacks a right .* use the one that owns the tables"
    ):
        processes.run_ix(logins["ix_web"], "secret", "acme")
