"""Caddy and nginx, as they are set up in `deploy/` and in the documentation, with TLS, in front of a real service."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import httpx
import pytest

from tests.deploy import production
from tests.deploy.production import Production
from tests.deploy.programs import DEPLOY, ROOT, program, said_by
from tests.ports import free_port

OPERATING = (ROOT / "docs" / "operating.md").read_text()
MIB = 1024 * 1024
TOO_LARGE = 64 * MIB
LONGER_THAN_A_PROXYS_PATIENCE = 4.0


class Front(NamedTuple):
    """A proxy that serves, and how to call it."""

    name: str
    http: httpx.Client
    service: Production


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Production]:
    given = {"IX_TRUSTED_PROXIES": "127.0.0.1", "IX_STREAM_HEARTBEAT": "1"}
    with production.running(tmp_path_factory.mktemp("proxies"), "web", "engine", **given) as running:
        yield running


@pytest.fixture(scope="module", params=["caddy", "nginx"])
def front(request: pytest.FixtureRequest) -> Iterator[Front]:
    # first, so that no service is started where there is no proxy
    program(request.param, {"nginx": "nginx-light"}.get(request.param, ""))
    service: Production = request.getfixturevalue("service")
    start = {"caddy": caddy, "nginx": nginx}[request.param]
    port = free_port()
    with ExitStack() as at_end:
        folder = Path(at_end.enter_context(tempfile.TemporaryDirectory(prefix="ix-proxy-")))
        command, certificate = start(folder, port, urlsplit(service.url).port or 0)
        at_end.enter_context(serving(command, port))
        context = ssl.create_default_context(cafile=str(await_file(certificate)))
        headers = {"authorization": f"Bearer {service.key}"}
        with httpx.Client(
            base_url=f"https://localhost:{port}", verify=context, headers=headers, timeout=60, trust_env=False
        ) as http:
            yield Front(request.param, http, service)


def caddy(folder: Path, port: int, web: int) -> tuple[list[str], Path]:
    """Caddy with the file of the compose set-up, whose certificate it makes itself, as for localhost."""
    ours = (DEPLOY / "compose" / "Caddyfile").read_text()
    alone = (
        f"{{\n\tadmin off\n\thttp_port {free_port()}\n\tskip_install_trust\n\tstorage file_system {folder}/data\n}}\n"
    )
    (folder / "Caddyfile").write_text(alone + ours)
    command = [
        program("env", "coreutils"),
        f"SITE=https://localhost:{port}",
        "WEB=localhost",
        f"WEB_PORT={web}",
    ]
    command += [program("caddy"), "run", "--config", f"{folder}/Caddyfile", "--adapter", "caddyfile"]
    return command, folder / "data" / "pki" / "authorities" / "local" / "root.crt"


def nginx(folder: Path, port: int, web: int) -> tuple[list[str], Path]:
    """nginx with the server of docs/operating.md, a certificate that signs itself, and what every nginx.conf holds."""
    certificate, key = folder / "ix.crt", folder / "ix.key"
    names = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "1", "-nodes")
    said_by(program("openssl"), "req", "-x509", "-newkey", "rsa:2048", *names, "-keyout", key, "-out", certificate)
    [server] = re.findall(r"```nginx\n(.*?)```", OPERATING, re.DOTALL)
    here = {
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "server_name ix.example": "server_name localhost",
        "/etc/ssl/ix.crt": str(certificate),
        "/etc/ssl/ix.key": str(key),
        "http://127.0.0.1:8080": f"http://127.0.0.1:{web}",
    }
    for theirs, ours in here.items():
        assert theirs in server
        server = server.replace(theirs, ours)
    temporary = "".join(
        f"{one}_temp_path {folder}/{one};\n" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/errors;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{temporary}{server}\n}}\n"
    )
    return [program("nginx", "nginx-light"), "-c", f"{folder}/nginx.conf", "-p", str(folder)], certificate


@contextmanager
def serving(command: list[str], port: int) -> Iterator[None]:
    """A proxy that accepts connections."""
    with tempfile.TemporaryFile("w+") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            deadline = time.monotonic() + 30
            while not answers(port):
                log.seek(0)
                assert process.poll() is None, log.read()[-2000:]
                assert time.monotonic() < deadline, "the proxy does not listen"
            yield
        finally:
            process.terminate()
            process.wait(20)


def answers(port: int) -> bool:
    """Whether somebody listens there; waits for a moment where nobody does."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return True
    time.sleep(0.05)
    return False


def await_file(path: Path) -> Path:
    """A file that the proxy writes once it has made it."""
    deadline = time.monotonic() + 30
    while not path.exists() or not path.stat().st_size:
        assert time.monotonic() < deadline, f"{path} is not made"
        time.sleep(0.05)
    return path


def drill(request_id: str, **options: object) -> dict[str, object]:
    return {"client_id": "me", "request_id": request_id, "use_case": "drill", "options": options}


def test_a_job_is_submitted_and_its_address_is_the_proxys(front: Front) -> None:
    answer = front.http.post("/jobs?wait=20", json=drill(f"one-{front.name}", result={"a": 1}))
    assert answer.status_code == 201
    assert answer.json()["response"]["result"]["a"] == 1
    assert front.http.get(answer.headers["location"]).status_code == 200
    [server] = front.http.get("/openapi.json").json()["servers"]
    assert server["url"].rstrip("/") == str(front.http.base_url).rstrip("/")


def test_an_answer_is_held_as_long_as_asked(front: Front) -> None:
    seconds = LONGER_THAN_A_PROXYS_PATIENCE
    began = time.monotonic()
    asked = drill(f"long-{front.name}", action="sleep", seconds=seconds)
    answer = front.http.post("/jobs", json=asked, headers={"prefer": "wait=30"})
    assert time.monotonic() - began > seconds
    assert answer.json()["status"] == "done"


def test_events_come_as_they_happen(front: Front) -> None:
    job = front.http.post("/jobs", json=drill(f"events-{front.name}", action="sleep", seconds=3)).json()
    came: list[tuple[float, str]] = []
    with front.http.stream("GET", f"/jobs/{job['ix_id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        came.extend((time.monotonic(), line) for line in stream.iter_lines())
    beats = [at for at, line in came if line.startswith(":")]
    ends = [at for at, line in came if '"done"' in line]
    # what is buffered comes at once at the end
    assert beats
    assert ends
    assert ends[-1] - beats[0] > 0.5


def test_a_body_as_large_as_may_be_comes_through(front: Front) -> None:
    text = "A receipt\n" + "x" * (24 * MIB)
    body = drill(f"big-{front.name}") | {"documents": [{"text": text}]}
    answer = front.http.post("/jobs?wait=60", json=body)
    assert (answer.status_code, answer.json()["status"]) == (201, "done")


def test_one_that_is_too_large_is_refused_by_web_in_words(front: Front) -> None:
    body = b"x" * (TOO_LARGE + 1000)
    answer = front.http.post("/jobs", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


def test_one_without_end_is_refused_by_somebody(front: Front) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * MIB

    try:
        answer = front.http.post("/jobs", content=endless(), headers={"content-type": "application/json"})
    except httpx.WriteError:
        # the connection is closed before the answer is read
        return
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "lie",
    [
        {"x-forwarded-for": "10.9.9.9"},
        {"forwarded": "for=10.9.9.9;host=evil.example"},
        {"x-forwarded-host": "evil.example"},
        {"x-forwarded-prefix": "/evil"},
        {"x-forwarded-proto": "gopher"},
    ],
    ids=lambda lie: next(iter(lie)),
)
def test_a_client_cannot_say_who_it_is(front: Front, lie: dict[str, str]) -> None:
    answer = front.http.get("/openapi.json", headers=lie)
    assert answer.status_code == 200
    [server] = answer.json()["servers"]
    assert server["url"].rstrip("/") == str(front.http.base_url).rstrip("/")


def test_without_a_key_nobody_comes_in(front: Front) -> None:
    assert front.http.get("/jobs", headers={"authorization": "Bearer none"}).status_code == 401
