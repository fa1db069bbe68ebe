"""A service that asks Ollama: what a client sees while Ollama is well, without its model, and down."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests import processes
from tests.blackbox.test_jobs import submit
from tests.extraction.models.fake_ollama import MODEL, FakeOllama
from tests.extraction.models.serving import dead_address

TEXT = "CORNER SHOP LTD\n\nDate: 05/03/2024\n\nTea     2.50\nMilk    1.20\n\nTOTAL   3.70\n"
CONTENT = {
    "company": {"quote": "CORNER SHOP LTD", "value": "Corner Shop Ltd"},
    "date": {"quote": "05/03/2024", "value": "2024-03-05"},
    "total": {"quote": "TOTAL 3.70", "value": 3.7},
    "currency": {"quote": "USD", "value": "USD"},
}


@pytest.fixture(scope="module")
def ollama() -> Iterator[FakeOllama]:
    fake = FakeOllama()
    with fake.running():
        yield fake


@contextmanager
def service(database_url: str, ollama_url: str) -> Iterator[httpx.Client]:
    """A client of web and engine that ask the Ollama at this address."""
    settings = {"IX_EXTRACTOR": "ollama", "IX_OLLAMA_URL": ollama_url, "IX_MODEL": MODEL, "IX_RETRY_DELAY": "0.01"}
    with (
        processes.service(database_url, **settings) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False) as client,
    ):
        yield client


def ended(client: httpx.Client) -> dict[str, Any]:
    """A receipt's job after its end."""
    job = submit(client, use_case="receipt", documents=[{"text": TEXT}])
    final: dict[str, Any] = client.get(f"/jobs/{job['ix_id']}", params={"wait": 60}).json()
    return final


def test_what_the_model_reads_comes_out_with_its_place_on_the_page(database_url: str, ollama: FakeOllama) -> None:
    ollama.reset()
    ollama.content = json.dumps(CONTENT)
    with service(database_url, ollama.url) as client:
        health, job = client.get("/healthz"), ended(client)
        ollama.models = []
        degraded = client.get("/healthz")
    assert (health.status_code, health.json()["ollama"]) == (200, "ok")
    assert (degraded.status_code, degraded.json()["ollama"]) == (503, "degraded")
    assert job["status"] == "done", job
    result, evidence = job["response"]["result"], job["response"]["evidence"]
    assert (result["company"], result["date"], result["total"], result["address"]) == (
        "Corner Shop Ltd",
        "2024-03-05",
        3.7,
        None,
    )
    assert (evidence["company"]["match"], evidence["company"]["quote"], evidence["company"]["page"]) == (
        "exact",
        "CORNER SHOP LTD",
        1,
    )
    assert evidence["total"]["boxes"]
    assert (evidence["currency"]["match"], evidence["currency"]["boxes"]) == ("none", [])
    assert job["response"]["usage"]["model"] == MODEL


def test_a_down_ollama_ends_the_job_in_its_named_error_and_shows_in_healthz(database_url: str) -> None:
    with service(database_url, dead_address()) as client:
        health, job = client.get("/healthz"), ended(client)
    assert (health.status_code, health.json()["ollama"]) == (503, "fail")
    assert (job["status"], job["response"]["error"]["code"]) == ("error", "model_unavailable")
    assert "IX_OLLAMA_URL" in job["response"]["error"]["message"]
    assert "Tea" not in json.dumps(job["response"])
