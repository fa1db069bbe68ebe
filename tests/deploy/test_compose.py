"""The compose file: what a parser says of it, what each of its containers may not do, and the same set-up for real."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml  # type: ignore[import-untyped]

from ix.client import Client
from ix.config import Settings, variable
from tests.deploy import production
from tests.deploy.production import Production
from tests.deploy.programs import DEPLOY, program, refused_by, said_by

FILE = DEPLOY / "compose" / "compose.yaml"
COMPOSE: Mapping[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
OWN = ("migrate", "web", "engine")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    with production.running(tmp_path_factory.mktemp("compose"), "web", "engine") as running:
        yield running


def for_debian(text: str, folder: Path) -> Path:
    """The file as the docker-compose of Debian 12 reads it, which does not know `name` yet."""
    (file := folder / "compose.yaml").write_text(text.replace("name: ix\n", "", 1))
    return file


def test_a_parser_takes_it(tmp_path: Path) -> None:
    compose = program("docker-compose")
    said = said_by(compose, "-f", for_debian(FILE.read_text(), tmp_path), "--profile", "model", "config")
    assert set(yaml.safe_load(said)["services"]) == set(SERVICES)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("read_only: true", "readonly: true"),
        ("condition: service_healthy", "condition: healthy"),
        ("memory: 4g", "memori: 4g"),
    ],
)
def test_that_parser_is_awake(tmp_path: Path, right: str, wrong: str) -> None:
    compose = program("docker-compose")
    spoiled = for_debian(FILE.read_text().replace(right, wrong, 1), tmp_path)
    assert refused_by([compose, "-f", spoiled, "config", "-q"])


@pytest.mark.parametrize("name", SERVICES)
def test_each_container_may_do_little_and_has_bounds(name: str) -> None:
    given = SERVICES[name]
    assert given["cap_drop"] == ["ALL"]
    assert given["security_opt"] == ["no-new-privileges:true"]
    assert {"cpus", "memory"} <= given["deploy"]["resources"]["limits"].keys()
    assert given["restart"] in ("unless-stopped", "on-failure")
    assert "max-size" in given["logging"]["options"]
    # Ollama alone has a folder of root's to write models to
    assert given.get("read_only") is True or name == "ollama"
    assert "privileged" not in given
    assert "ports" not in given or name == "proxy"


@pytest.mark.parametrize("name", OWN)
def test_ix_gets_settings_that_there_are_and_secrets_as_files(name: str) -> None:
    given = SERVICES[name]
    names = {variable(field) for field in Settings.model_fields}
    environment = given["environment"]
    assert {one.removesuffix("_FILE") for one in environment} <= names
    files = {value for key, value in environment.items() if key.endswith("_FILE")}
    assert files == {f"/run/secrets/{secret}" for secret in given["secrets"]}
    assert "IX_POSTGRES_URL_FILE" in environment
    assert given["read_only"] is given["init"] is True
    assert "cap_add" not in given


@pytest.mark.parametrize("kind", ["networks", "volumes", "secrets"])
def test_what_is_named_is_declared_and_what_is_declared_is_named(kind: str) -> None:
    named: set[str] = set()
    for given in SERVICES.values():
        # a mount of a file of the checkout begins with a dot
        named |= {one.partition(":")[0] for one in given.get(kind, ()) if not one.startswith(".")}
    assert named == set(COMPOSE[kind])


def test_two_of_each_start_when_the_tables_are_there() -> None:
    for name in ("web", "engine"):
        assert SERVICES[name]["deploy"]["replicas"] == 2
        assert SERVICES[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
        # after SIGTERM web drains for 3 s and so does an engine, and each then closes what it has
        assert float(SERVICES[name]["stop_grace_period"].removesuffix("s")) > 2 * Settings().drain_seconds


def test_the_proxy_that_web_trusts_is_the_proxy_and_the_database_is_in_no_other_network() -> None:
    address = SERVICES["proxy"]["networks"]["front"]["ipv4_address"]
    assert SERVICES["web"]["environment"]["IX_TRUSTED_PROXIES"] == address
    assert SERVICES["postgres"]["networks"] == ["database"]
    assert COMPOSE["networks"]["database"] == {"internal": True}


def test_secrets_are_drawn_once_each_for_one_account(tmp_path: Path) -> None:
    made = production.secrets(tmp_path / "of")
    before = {path.name: path.read_text() for path in made.iterdir()}
    assert set(before) == set(COMPOSE["secrets"])
    assert len({before[name] for name in before if name.endswith("_password")}) == 4
    for path in made.iterdir():
        group = 999 if path.name.endswith("_password") else 10001
        assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_uid, path.stat().st_gid) == (0o440, 0, group)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    key = Settings.from_env({"IX_BOOTSTRAP_KEY_FILE": str(made / "bootstrap_key")}).bootstrap_key.get_secret_value()
    assert key == before["bootstrap_key"]
    production.secrets(tmp_path / "of")
    assert {path.name: path.read_text() for path in made.iterdir()} == before


def test_each_address_names_the_password_of_its_account(tmp_path: Path) -> None:
    made = production.secrets(tmp_path / "of")
    for account in production.ACCOUNTS:
        password = (made / f"{account}_password").read_text()
        assert re.fullmatch(r"[A-Za-z0-9_-]{32}", password)
        assert (made / f"{account}_url").read_text() == f"postgres://{account}:{password}@postgres/ix"


def test_the_same_set_up_does_a_job_for_the_first_key(service: Production) -> None:
    assert "is valid from now on" in service.migrated
    with Client(service.url, client_id="me", key=service.key) as ix:
        job = ix.wait(ix.submit([DEPLOY.parent / "examples" / "invoice.pdf"], "invoice"), 60)
    assert job.status == "done"


async def test_its_accounts_have_passwords_and_no_more_rights_than_they_need(service: Production) -> None:
    owner = await asyncpg.connect(service.addresses["owner"].replace("owner@", "postgres@"))
    try:
        rows = await owner.fetch("SELECT * FROM pg_authid WHERE rolname = ANY ($1)", list(production.ACCOUNTS))
    finally:
        await owner.close()
    assert len(rows) == 3
    assert all(row["rolpassword"].startswith("SCRAM-SHA-256$") for row in rows)
    assert not any(row["rolsuper"] or row["rolcreaterole"] or row["rolcreatedb"] for row in rows)
    web = await asyncpg.connect(service.addresses["web"])
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await web.execute("INSERT INTO api_keys (key_id, sha256) VALUES ('000000000000', '')")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await web.execute("CREATE TABLE mine ()")
    finally:
        await web.close()
