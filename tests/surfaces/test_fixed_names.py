"""Names that never change, from the first description of the system and the README: written here by hand, whatever the
text files say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ix import use_cases
from ix.api.health import default_probes
from ix.config import Settings, variable
from ix.database import channels
from ix.database.connect import Pool
from ix.database.jobs import Jobs
from ix.job import CallbackStatus, Progress, Status
from tests.surfaces.http import described

ROOT = Path(__file__).parents[2]

PATHS = {
    "POST /jobs",
    "GET /jobs",
    "POST /jobs/batch",
    "GET /jobs/{ix_id}",
    "DELETE /jobs/{ix_id}",
    "POST /jobs/{ix_id}/retry",
    "GET /jobs/{ix_id}/events",
    "GET /events",
    "GET /jobs/{ix_id}/deliveries",
    "POST /jobs/{ix_id}/deliveries",
    "GET /jobs/{ix_id}/pages",
    "GET /jobs/{ix_id}/pages/{document}/{page}/words",
    "GET /jobs/{ix_id}/pages/{document}/{page}/picture",
    "GET /use-cases",
    "GET /use-cases/{name}",
    "GET /healthz",
    "GET /livez",
    "GET /readyz",
    "GET /metrics",
    "GET /openapi.json",
    "GET /docs",
}

STATUSES = {
    "POST /jobs": {200, 201, 400, 413, 415, 422, 429, 503},
    "POST /jobs/batch": {200, 400, 413, 415, 422, 429, 503},
    "GET /jobs": {200, 404, 422},
    "GET /jobs/{ix_id}": {200, 404},
    "DELETE /jobs/{ix_id}": {200, 204, 404, 409},
    "POST /jobs/{ix_id}/retry": {202, 404, 409},
    "POST /jobs/{ix_id}/deliveries": {202, 404, 409},
    "GET /use-cases/{name}": {200, 404},
    "GET /healthz": {200, 503},
    "GET /readyz": {200, 503},
}

PARAMETERS = {
    "POST /jobs": {"wait", "Prefer"},
    "GET /jobs/{ix_id}": {"wait", "Prefer"},
    "GET /jobs": {"client_id", "request_id", "status", "use_case", "created_after", "created_before", "limit"},
    "DELETE /jobs/{ix_id}": {"erase"},
    "GET /events": {"client_id", "Last-Event-ID"},
}

CALLBACK = {"webhook-id", "webhook-timestamp", "webhook-signature"}

MEMBERS = {
    "SubmissionIn": {
        "client_id",
        "request_id",
        "use_case",
        "documents",
        "options",
        "callback_url",
        "priority",
        "run_at",
    },
    "DocumentIn": {"data", "text", "url"},
    "Job": {
        "ix_id",
        "client_id",
        "request_id",
        "use_case",
        "status",
        "attempts",
        "created_at",
        "started_at",
        "finished_at",
        "callback_url",
        "callback_status",
        "priority",
        "run_at",
        "request",
        "response",
    },
    "JobList": {"jobs", "next"},
    "Response": {"result", "evidence", "error", "warnings", "timings", "usage"},
    "Problem": {"code", "message"},
    "Finding": {"code", "message", "path"},
    "ProblemDocument": {"type", "title", "status", "detail", "errors"},
    "FieldError": {"field", "message"},
    "Delivery": {"delivery_id", "ix_id", "url", "status", "attempts", "due_at", "outcome", "created_at", "ended_at"},
    "Metrics": {"pending", "running", "done_24h", "error_24h", "avg_seconds", "limits", "engines"},
    "Used": {"limit", "running"},
    "JobEvent": {"type", "timestamp", "data"},
    "Ended": {"ix_id", "client_id", "request_id", "use_case", "status", "attempts", "finished_at", "error", "url"},
    "BatchAnswer": {"jobs"},
    "BatchJob": {"status", "job"},
    "BatchProblem": {"problem"},
    "UseCaseInfo": {"name", "description", "options", "result", "max_attempts", "timeout"},
}

SETTINGS = {
    "IX_POSTGRES_URL",
    "IX_LISTEN_URL",
    "IX_HOST",
    "IX_PORT",
    "IX_SHARE_PORT",
    "IX_ENGINE_SLOTS",
    "IX_LIMITS",
    "IX_EXTRACTOR",
    "IX_MODEL",
    "IX_OPENAI_URL",
    "IX_OCR",
    "IX_OCR_WORKERS",
    "IX_MAX_IN_FLIGHT",
    "IX_MAX_WAITERS",
    "IX_MAX_PENDING",
    "IX_HEADER_TIMEOUT",
    "IX_REQUEST_TIMEOUT",
    "IX_JOB_TIMEOUT",
    "IX_MAX_ATTEMPTS",
    "IX_LIVENESS_LIMIT",
    "IX_RETENTION_DAYS",
    "IX_ALLOW_HOSTS",
    "IX_PUBLIC_URL",
    "IX_HOME",
    "IX_URL",
    "IX_KEY",
    "IX_LOG_LEVEL",
    "IX_LOG_FORMAT",
}

USE_CASES = {"receipt", "invoice", "bank_statement_header", "custom", "drill"}

PROGRESS = {"ix_id", "attempt", "step", "done", "of"}

PARTS = {"postgres", "ollama", "ocr"}

CHANNELS = {
    "ix_jobs",
    "ix_scheduled",
    "ix_ended",
    "ix_cancelled",
    "ix_changed",
    "ix_progress",
    "ix_deliveries",
    "ix_keys",
    "ix_pictures",
    "ix_batches",
    "ix_reviews",
    "ix_operations",
    "ix_configurations",
}

TARGETS = {
    "demo",
    "test",
    "chaos",
    "abuse",
    "check",
    "bench",
    "accuracy",
    "schema",
    "lock",
    "pictures",
    "clean",
}

METHODS = {
    "insert_pending",
    "claim_next_pending",
    "get_by_correlation",
    "mark_done",
    "mark_error",
    "update_callback_status",
    "sweep_orphans",
}


def operation(call: str) -> dict[str, dict[str, object]]:
    """What the service says of a method and path."""
    method, path = call.split()
    found: dict[str, dict[str, object]] = described()["paths"][path][method.lower()]
    return found


def test_paths() -> None:
    served = {f"{method.upper()} {path}" for path, methods in described()["paths"].items() for method in methods}
    assert served >= PATHS


@pytest.mark.parametrize("call", STATUSES)
def test_statuses(call: str) -> None:
    assert set(map(int, operation(call)["responses"])) >= STATUSES[call]


@pytest.mark.parametrize("call", PARAMETERS)
def test_parameters(call: str) -> None:
    assert {str(one["name"]) for one in operation(call)["parameters"]} >= PARAMETERS[call]  # type: ignore[index]


@pytest.mark.parametrize("schema", MEMBERS)
def test_members(schema: str) -> None:
    assert set(described()["components"]["schemas"][schema]["properties"]) >= MEMBERS[schema]


def test_headers_of_a_callback() -> None:
    sent = described()["webhooks"]["callback_url"]["post"]["parameters"]
    assert {one["name"] for one in sent} == CALLBACK


def test_members_of_progress() -> None:
    assert set(Progress.model_fields) >= PROGRESS


async def test_parts_of_health(settings: Settings, pool: Pool) -> None:
    assert set(default_probes(settings, pool)) == PARTS


def test_channels() -> None:
    assert {value for name, value in vars(channels).items() if name.endswith("_CHANNEL")} == CHANNELS


def test_targets() -> None:
    assert set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)) >= TARGETS


def test_settings() -> None:
    assert {variable(name) for name in Settings.model_fields} >= SETTINGS


def test_words_of_a_jobs_life() -> None:
    assert set(Status) == {"scheduled", "pending", "running", "done", "error", "cancelled"}
    assert set(CallbackStatus) == {"pending", "delivered", "failed"}


def test_use_cases() -> None:
    assert set(use_cases.load(drill=True)) >= USE_CASES


def test_methods_of_the_jobs() -> None:
    assert [name for name in METHODS if not callable(getattr(Jobs, name, None))] == []
