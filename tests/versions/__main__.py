"""`python -m tests.versions [NAME]` makes what versions have left behind, by their own web and engine."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import sys
import tempfile
from pathlib import Path

import httpx

from ix.database.migrate import migrate
from tests import databases
from tests.extraction.locked import PASSWORD, locked
from tests.versions import FOLDER, NOWHERE, RELEASED, VERSIONS, code_of, dump, migrations_up_to, process_of

RECEIPT = "CORNER SHOP LTD\nDate: 05/03/2024\nTOTAL 3.70\n"
HOOK = f"http://{NOWHERE}/hook"


def main() -> None:
    RELEASED.write_text("")
    for name in VERSIONS:
        with tempfile.TemporaryDirectory() as folder, code_of(name, Path(folder) / "code") as code:
            released(name, code)
            if name in (sys.argv[1:] or VERSIONS):
                make(name, code, Path(folder) / "migrations")


def make(name: str, code: Path, migrations: Path) -> None:
    """Writes down what a version leaves behind."""
    with databases.server() as server, databases.clone(server, None) as url:
        with migrations_up_to(max(file.name for file in code.glob("db/migrations/*.sql")), migrations):
            asyncio.run(migrate(url))
        worked_in(code, url)
        (FOLDER / f"{name}.rows").write_text(dump(url))


def released(name: str, code: Path) -> None:
    """Notes the migrations that a version had, each once."""
    known = RELEASED.read_text()
    for file in sorted(code.glob("db/migrations/*.sql")):
        if file.name not in known:
            known += f"{name} {file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n"
    RELEASED.write_text(known)


def worked_in(code: Path, url: str) -> None:
    """Lets web and engine of a version work, and kills the engine."""
    engine = process_of(code, "engine", url, IX_RETRY_DELAY="3600")
    web = process_of(code, "web", url)
    try:
        engine.until("listener connected")
        address = web.until(r"web listens address=(\S+)")[1]
        with httpx.Client(base_url=address, timeout=30, trust_env=False) as client:
            with_an_engine(client)
            engine.until("job started.*" + submit(client, "running", options={"action": "hang", "attempts": 1}))
            engine.send(signal.SIGKILL)
            engine.wait()
            without_an_engine(client)
    finally:
        engine.stop()
        web.stop()


def submit(client: httpx.Client, request_id: str, wait: int = 0, **fields: object) -> str:
    """The id of a job; fields that the version does not know make none."""
    body = {"client_id": "acme", "request_id": request_id, "use_case": "drill", **fields}
    answer = client.post("/jobs", params={"wait": wait} if wait else {}, json=body)
    return str(answer.json().get("ix_id", ""))


def with_an_engine(client: httpx.Client) -> None:
    """Jobs that end, are tried again later, and are cancelled; one that somebody looks at."""
    document = [{"text": RECEIPT, "name": "receipt.txt"}]
    submit(client, "done", 20, use_case="receipt", documents=document, callback_url=HOOK)
    submit(client, "error", 20, options={"action": "fail"}, callback_url=HOOK)
    submit(client, "postponed", options={"action": "transient", "attempts": 1})
    cancelled = submit(client, "cancelled", options={"action": "hang"})
    client.delete(f"/jobs/{cancelled}")
    submit(client, "leased", 20, use_case="receipt", documents=[{"text": "Date: 05/03/2024\nTOTAL\n"}])
    client.post("/reviews/next", json={})
    expiring = submit(client, "expiring", 20)
    client.put(f"/jobs/{expiring}/expiry", params={"erase_after": 60})


def without_an_engine(client: httpx.Client) -> None:
    """Jobs that wait, in every way that the version knows."""
    document = [{"text": RECEIPT, "name": "receipt.txt"}]
    submit(client, "pending", use_case="receipt", documents=document, callback_url=HOOK)
    submit(client, "urgent", priority=9)
    submit(client, "scheduled", run_at="2027-01-01T00:00:00Z")
    submit(client, "other", client_id="other")
    form = {"client_id": "acme", "request_id": "locked", "use_case": "receipt", "password": PASSWORD}
    client.post("/jobs", data=form, files={"documents": ("locked.pdf", locked())})
    client.put("/use-cases/invoice/pause")
    submit(client, "paused", use_case="invoice", documents=document)
    actions = {"action": "cancel", "where": {"client_id": "many"}, "expect": 1}
    submit(client, "acted", client_id="many")
    client.post("/jobs/actions", json=actions)


if __name__ == "__main__":
    main()
