"""Canaries: secrets and texts of documents, planted all over a service, and looked for wherever they must not be."""

from __future__ import annotations

import asyncio
import base64
import json
import uuid
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager

import httpx
import psutil
import pytest

from ix.callbacks import new_secret
from ix.database.deliveries import Deliveries
from ix.database.keys import Keys
from tests import databases, processes
from tests.abuse import models
from tests.abuse.conftest import HURRY
from tests.abuse.keyed import Keyed, made_keys, repo_of
from tests.accounts import PASSWORD, accounts, connected
from tests.extraction.locked import locked
from tests.processes import Process
from tests.receiver import listening, receiver
from tests.rows import Row


class Canaries:
    """Texts that are found nowhere by chance, by where they were planted."""

    def __init__(self) -> None:
        self.planted: dict[str, str] = {"database password": PASSWORD}

    def plant(self, where: str) -> str:
        return self.planted.setdefault(where, f"canary{uuid.uuid4().hex}")

    def known(self, where: str, secret: str) -> str:
        """A secret that ix itself has made."""
        self.planted[where] = secret
        return secret

    def seen_in(self, text: str) -> set[str]:
        return {where for where, canary in self.planted.items() if canary in text}


@pytest.mark.long
def test_canaries(row: Row, server_url: str, template_name: str) -> None:
    """Real processes at log level DEBUG, as accounts with passwords, with traces on. A client may read its own jobs,
    where canaries may be; anywhere else they are leaks. In short, `tests/telemetry/test_log.py` and
    `tests/blackbox/test_operations.py` look for some."""
    canaries = Canaries()
    answers = _model_answers(canaries)
    with (
        databases.clone(server_url, template_name) as database,
        accounts(server_url, database) as urls,
        listening(models.Models(answers)) as model,
        receiver() as hooks,
        receiver() as collector,
    ):
        secret = {
            "IX_OPENAI_KEY": canaries.plant("model server's key"),
            "IX_ALLOW_HOSTS": hooks.host,
            "IX_KEY": canaries.plant("client's key"),
        }
        traces = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://{collector.host}", "OTEL_BSP_SCHEDULE_DELAY": "50"}
        with (
            processes.engine(urls["ix_engine"], **HURRY, **secret, **traces, **model.settings) as engine,
            _web(urls["ix_web"], **secret, **traces) as (url, web),
        ):
            service = Keyed(url, database, asyncio.run(_secrets(database, canaries)))
            said = asyncio.run(_tempt(service, canaries, len(answers), hooks.url))
            said |= asyncio.run(_tempt_with_passwords(service, canaries, database))
            hooks.until(2)
            lines = [f"{psutil.Process(p.pid).cmdline()}" for each in (web, engine) for p in _family(each)]
            collector.until(2)
        told = {
            "logs of web": "\n".join(web.lines),
            "logs of engine": "\n".join(engine.lines),
            "command lines": "\n".join(lines),
            "traces": "\n".join(f"{one.headers} {one.body.decode('latin-1')}" for one in collector.received),
            **said,
        }
    leaks = {place: sorted(seen) for place, text in told.items() if (seen := canaries.seen_in(text))}
    row.did(
        "canaries in keys, secrets, documents, options, names, answers of models, wrong bodies",
        f"{len(canaries.planted)} planted",
    )
    sizes = ", ".join(f"{place} ({len(text.encode()) // 1024 + 1} KiB)" for place, text in told.items())
    row.found(f"looked for in {sizes}", f"{sum(map(len, leaks.values()))} found")
    assert all(told.values())
    assert not leaks


async def _secrets(database: str, canaries: Canaries) -> dict[str, str]:
    """Keys, one of them revoked, and a secret for callbacks."""
    made = await made_keys(database, {"acme": "acme", "admin": None, "gone": "acme"})
    for name, key in made.items():
        canaries.known(f"key of {name}", key.split("_", 2)[2])
    async with repo_of(database, Keys) as keys:
        await keys.revoke(made["gone"].split("_")[1])
    async with repo_of(database, Deliveries) as deliveries:
        secret, written = new_secret()
        await deliveries.add_secret("acme", secret, 60)
        canaries.known("callback secret", written.removeprefix("whsec_"))
    return made


@contextmanager
def _web(database: str, **settings: str) -> Iterator[tuple[str, Process]]:
    process = Process("web", database, **settings)
    try:
        yield process.until(r"web listens address=(\S+)")[1], process
    finally:
        process.stop()


def _family(process: Process) -> list[psutil.Process]:
    own = psutil.Process(process.pid)
    return [own, *own.children(recursive=True)]


def _model_answers(canaries: Canaries) -> dict[int, tuple[int, bytes]]:
    """What the model server says to each case: good, of the wrong shape, no JSON, errors that quote the prompt."""
    mark = canaries.plant("a model's answer")
    good = {"code": {"quote": mark, "value": mark}, "total": {"quote": "12.50", "value": 12.5}}
    return {
        0: (200, models.completion(json.dumps(good))),
        1: (200, models.completion(json.dumps({"code": {"quote": mark, "value": {"x": mark}}, "total": mark}))),
        2: (200, models.completion(f"{mark} {{")),
        3: (200, mark.encode()),
        4: (500, mark.encode()),
        5: (400, json.dumps({"error": {"message": f"prompt is too long: {mark}"}}).encode()),
        6: (401, json.dumps({"error": {"message": f"bad key {mark}"}}).encode()),
        7: (200, models.completion(None, finish_reason=mark)),
    }


async def _tempt(service: Keyed, canaries: Canaries, cases: int, hook: str) -> dict[str, str]:
    """Does all that may bring a secret out; what was said of it, by place."""
    errors = []
    async with service.client("acme") as acme, service.client("admin") as admin:
        for case in range(cases):
            body = models.asks(case, canaries.plant("request id") + str(case)) | {"client_id": "acme"}
            body["documents"][0]["text"] += f"\nMemo {canaries.plant('document text')}"
            body["documents"][0]["name"] = canaries.plant("document name")
            body["options"]["instructions"] = canaries.plant("instructions")
            body["callback_url"] = f"{hook}?token={canaries.plant('token of a callback')}"
            ended = (await acme.post("/jobs", json=body, params={"wait": 30})).raise_for_status().json()
            errors.append(json.dumps(ended["response"]["error"]))
        for document in (
            {"data": canaries.plant("data that is no base64")},
            {"data": "AAAA" + "A" * 20},
            {"url": "https://u:p@x/"},
        ):
            body = {"request_id": uuid.uuid4().hex, "use_case": "receipt", "documents": [document]}
            errors.append(await _error(await acme.post("/jobs", json=body, params={"wait": 30})))
        errors += [
            await _error(await acme.post("/jobs", content=each, headers=_JSON))
            for each in _bad_bodies(canaries.plant("bad body"))
        ]
        file, options = (
            (canaries.plant("file name"), canaries.plant("file").encode(), "text/plain"),
            canaries.plant("form field"),
        )
        errors.append(await _error(await acme.post("/jobs", files={"documents": file}, data={"options": options})))
        for key in (
            service.keys["gone"],
            f"ix_{'0' * 12}_{(canaries.plant('wrong key') * 2)[:43]}",
            canaries.plant("no key at all"),
        ):
            errors.append(await _error(await acme.get("/jobs", headers={"authorization": f"Bearer {key}"})))
        errors.append(
            await _error(
                await acme.get("/jobs", headers={"authorization": f"Basic {canaries.plant('basic password')}"})
            )
        )
        health = (await admin.get("/healthz")).text + (await admin.get("/readyz")).text
        deliveries = (await acme.get(f"/jobs/{ended['ix_id']}/deliveries")).json()
        outcomes = "".join(str({**one, "url": ""}) for one in deliveries["deliveries"])
        return {"errors": "\n".join(errors) + outcomes, "metrics": (await admin.get("/metrics")).text, "health": health}


async def _tempt_with_passwords(service: Keyed, canaries: Canaries, database: str) -> dict[str, str]:
    """Passwords in every way in, right, wrong and refused; all that is said of them, to their own client too, and every
    table when the last job has ended."""
    right, wrong = (canaries.plant(f"{which} password") for which in ("right", "wrong"))
    data, told = base64.b64encode(locked(right)).decode(), []
    async with service.client("acme") as acme:

        async def tell(call: Awaitable[httpx.Response]) -> httpx.Response:
            answer = await call
            told.append(f"{answer.text} {answer.headers}")
            return answer

        for number, password in enumerate((right, wrong, f"{wrong}\n", wrong * 9)):
            documents = [{"data": data, "password": password}]
            asked = {"request_id": f"locked {number}", "use_case": "receipt", "documents": documents}
            await tell(acme.post("/jobs/batch", json={"jobs": [asked]}))
            again = await tell(acme.post("/jobs", json=asked, params={"wait": 30}))
            await tell(acme.post("/jobs", json=asked | {"documents": [{"data": data, "password": password[::-1]}]}))
            if again.is_success:
                path = f"/jobs/{again.json()['ix_id']}"
                for passwords in ([wrong, right], [f"{wrong}\n"], wrong, [right]):
                    await tell(acme.post(f"{path}/retry", json={"passwords": passwords}))
                await tell(acme.get(path, params={"wait": 30}))
        form = {"request_id": "locked form", "use_case": "receipt", "password": [right, wrong]}
        for files in (1, 2):
            documents_of_form = [("documents", ("a.pdf", locked(right)))] * files
            await tell(acme.post("/jobs", data=form, files=documents_of_form, params={"wait": 30}))
    return {"answers about passwords": "\n".join(told), "tables": await _rows_with(database, right, wrong)}


async def _rows_with(database: str, *secrets: str) -> str:
    """How many rows there are, and those that have one of the secrets; other texts of documents belong there."""
    async with connected(database) as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [row[0] for (name,) in tables for row in await connection.fetch(f'SELECT t::text FROM "{name}" AS t')]
    found = [secret for secret in secrets for row in rows if secret in row or secret.encode().hex() in row]
    return "\n".join([f"{len(rows)} rows", *found])


_JSON = {"content-type": "application/json"}


def _bad_bodies(mark: str) -> list[bytes]:
    """Bodies that parsers, models and the database refuse for what is in them."""
    wrong: list[dict[str, object]] = [
        {"use_case": mark},
        {"use_case": "drill", "priority": mark},
        {"use_case": "drill", "run_at": mark},
        {"use_case": "drill", "client_id": mark},
        {"use_case": "drill", "callback_url": mark},
        {"use_case": "drill", "callback_url": f"http://10.0.0.1/{mark}"},
        {"use_case": "drill", "options": {"action": mark}},
        {"use_case": "drill", "options": mark},
        {"use_case": "drill", "documents": [{"text": mark, "data": mark}]},
        {"use_case": "custom", "options": {"schema": {"type": mark}}},
        {"use_case": "custom", "options": {"schema": {"properties": {"a": {"$ref": mark}}}}},
        {"use_case": "drill", "options": {"result": {"a": f"{mark}\x00"}}},
    ]
    return [
        mark.encode(),
        f'{{"{mark}'.encode(),
        f'"{mark}"'.encode(),
        *[json.dumps({"request_id": "b", **one}).encode() for one in wrong],
    ]


async def _error(answer: httpx.Response) -> str:
    """What is said of an error, whether the call has one or its job."""
    if answer.status_code < 300:
        return json.dumps(answer.json()["response"]["error"])
    return f"{answer.text} {answer.headers}"
