"""Settings: every one with its unit and default, read from `IX_*` environment variables in one place.

`Settings.from_env()` reads and validates; a bad value raises `ConfigError` that starts with the variable's name. The
variable of a field is `IX_` and the field's name in capitals: `engine_slots` is `IX_ENGINE_SLOTS`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    ValidationError,
)

from ix.errors import ConfigError

DISTRIBUTION = "ix-documents"
"""What `pip install` calls ix."""
MIB = 1024 * 1024
Seconds = PositiveFloat
MAX_LIMIT = 10_000
"""Most jobs that one limit may allow: more are no limit, but as many rows."""


def plugins(folder: str) -> tuple[str, ...]:
    """The names of the plug-ins in a folder of the package: its public modules, listed and not imported, so that this
    module stays at the bottom."""
    stems = (path.stem for path in (Path(__file__).parent / folder).iterdir())
    return tuple(sorted(stem for stem in stems if not stem.startswith(("_", "."))))


def _one_of(folder: str, *more: str) -> AfterValidator:
    def check(name: str) -> str:
        if name not in (known := (*plugins(folder), *more)):
            raise ValueError(f"is none of {', '.join(known)}")
        return name

    return AfterValidator(check)


class Limit(NamedTuple):
    """At most `most` jobs of these use cases run at once, over all engines."""

    use_cases: tuple[str, ...]
    most: int

    @property
    def queue(self) -> str:
        """The name of their common queue."""
        return "+".join(sorted(self.use_cases))

    def __str__(self) -> str:
        return f"{self.queue}={self.most}"


def _limits(given: object) -> object:
    """`invoice+receipt=2` as a `Limit`, for each member of a list; whatever else was given is left to pydantic."""
    if not isinstance(given, (list, tuple)):
        return given
    limits = [_limit(one) if isinstance(one, str) else one for one in given]
    counts = Counter(name for limit in limits if isinstance(limit, Limit) for name in limit.use_cases)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise ValueError(f"names {twice[0]} twice")
    return limits


def _limit(text: str) -> Limit:
    names, _, count = text.partition("=")
    use_cases = tuple(name.strip() for name in names.split("+") if name.strip())
    if not use_cases or not count.strip().isdecimal() or not 0 < int(count) <= MAX_LIMIT:
        raise ValueError(f"{text!r} is not such as invoice=2 or invoice+receipt=2, at most {MAX_LIMIT}")
    return Limit(use_cases, int(count))


class Settings(BaseModel):
    """What can be set, in the order in which `ix settings` prints it. A field's description is what people read there.
    Empty text stands for a setting that is not made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    # the process
    log_level: Annotated[
        Literal["DEBUG", "INFO", "WARNING", "ERROR"],
        BeforeValidator(str.upper),
        Field(description="Least level of log lines"),
    ] = "INFO"
    log_format: Annotated[
        Literal["text", "json"], Field(description="Form of log lines: text, or one JSON object each")
    ] = "text"
    home: Annotated[
        str,
        Field(
            description="Folder of the embedded PostgreSQL; empty: /var/lib/ix for root, else the user's data folder"
        ),
    ] = ""

    use_case_dir: Annotated[
        str,
        Field(
            description="Folder of use cases of your own, Python files and JSON Schemas; give web and every engine the "
            "same"
        ),
    ] = ""

    # the client commands: submit, jobs, show and so on
    url: Annotated[str, Field(description="Address of the web process that the client commands call")] = (
        "http://127.0.0.1:8080"
    )
    key: Annotated[SecretStr, Field(description="API key that they send along")] = SecretStr("")

    # PostgreSQL
    postgres_url: Annotated[
        str, Field(description="Address of the database; empty lets `ix up` start an embedded one")
    ] = ""
    listen_url: Annotated[
        str,
        Field(
            description="Direct address of the same database, past a pooler that cannot LISTEN (PgBouncer in "
            "transaction mode)"
        ),
    ] = ""
    pool_size: Annotated[PositiveInt, Field(description="Pooled connections of one process")] = 8
    acquire_timeout: Annotated[
        Seconds, Field(description="Wait for a pooled connection before answering 503, seconds")
    ] = 5.0
    statement_timeout: Annotated[Seconds, Field(description="Time limit of one statement, seconds")] = 10.0

    # web
    host: Annotated[str, Field(description="Address that the web process listens on")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Its port; 0 takes a free one")] = 8080
    share_port: Annotated[
        bool, Field(description="Other web processes may listen there too; the system shares connections out")
    ] = False
    max_body_bytes: Annotated[PositiveInt, Field(description="Largest request body, bytes")] = 64 * MIB
    max_bodies_bytes: Annotated[
        PositiveInt, Field(description="Most bytes of request bodies in one web process at once, as they came")
    ] = 512 * MIB
    max_documents: Annotated[PositiveInt, Field(description="Most documents in one job")] = 20
    max_batch: Annotated[PositiveInt, Field(description="Most jobs in one POST /jobs/batch")] = 1000
    max_in_flight: Annotated[
        PositiveInt, Field(description="Requests that one web process works on at once; further ones get 503")
    ] = 1000
    max_waiters: Annotated[PositiveInt, Field(description="Answers that one web process holds at once for ?wait=")] = (
        5000
    )
    max_connections: Annotated[
        PositiveInt, Field(description="Open connections of one web process; also bound by its open files")
    ] = 8000
    max_pending: Annotated[
        NonNegativeInt,
        Field(description="Jobs that one client may have pending or scheduled; further ones get 429; 0 is no limit"),
    ] = 100_000
    header_timeout: Annotated[
        Seconds, Field(description="Time in which a request's header must be complete, seconds")
    ] = 10.0
    request_timeout: Annotated[
        Seconds, Field(description="Time in which its body must be, and in which an answer must be read, seconds")
    ] = 60.0
    max_wait: Annotated[Seconds, Field(description="Longest that ?wait= may hold an answer, seconds")] = 60.0
    stream_heartbeat: Annotated[
        Seconds, Field(description="Pause after which a silent event stream says that it lives, seconds")
    ] = 15.0
    probe_timeout: Annotated[Seconds, Field(description="Time limit of each health probe, seconds")] = 2.0

    # engine
    engine_slots: Annotated[PositiveInt, Field(description="Jobs that one engine runs at once")] = 8
    limits: Annotated[
        tuple[Limit, ...],
        BeforeValidator(_limits),
        Field(
            description="Jobs that run at once over all engines: invoice=2, or invoice+receipt=2 for both together, "
            "comma-separated. Give every engine the same; the last to start decides"
        ),
    ] = ()
    poll_interval: Annotated[
        Seconds, Field(description="Periodic look for missed notifications, seconds, jittered")
    ] = 5.0
    heartbeat_interval: Annotated[Seconds, Field(description="Time between an engine's heartbeats, seconds")] = 4.0
    heartbeat_timeout: Annotated[
        Seconds, Field(description="Time limit of one heartbeat on the listener's connection, seconds")
    ] = 3.0
    liveness_limit: Annotated[
        Seconds, Field(description="An engine with no heartbeat for this long counts as frozen, seconds")
    ] = 15.0
    sweep_interval: Annotated[Seconds, Field(description="Time between looks for orphans, seconds, jittered")] = 1.0
    missing_grace: Annotated[Seconds, Field(description="Time a disconnected engine has to come back, seconds")] = 0.5
    job_timeout: Annotated[Seconds, Field(description="Time limit of one job, seconds")] = 300.0
    max_attempts: Annotated[PositiveInt, Field(description="Attempts of a job before it ends in error")] = 3
    retry_delay: Annotated[
        Seconds,
        Field(
            description="Pause before a second attempt after an error that may pass, seconds; each further one is 4 "
            "times as long"
        ),
    ] = 2.0
    drain_seconds: Annotated[
        Seconds, Field(description="Time that running jobs get to end after SIGTERM, seconds; keep below 5")
    ] = 3.0

    retention_days: Annotated[
        NonNegativeFloat,
        Field(description="Ended jobs are erased, documents with them, after this many days; 0 keeps them"),
    ] = 0.0

    keep_words: Annotated[
        NonNegativeFloat,
        Field(
            description="The words that were read on pages are kept for this many days after their job's end, with its "
            "result; 0 drops them within a minute, and keeps none that OCR did not read"
        ),
    ] = 7.0

    # extraction
    extractor: Annotated[
        str, _one_of("extraction/models"), Field(description="Model backend: rules, ollama, openai")
    ] = "rules"
    ollama_url: Annotated[str, Field(description="Address of Ollama")] = "http://127.0.0.1:11434"
    openai_url: Annotated[str, Field(description="Base address of an OpenAI-compatible server, up to and with /v1")] = (
        "http://127.0.0.1:8000/v1"
    )
    openai_key: Annotated[SecretStr, Field(description="Its bearer key, if it wants one")] = SecretStr("")
    model: Annotated[str, Field(description="Model that the backend asks; empty is only allowed with rules")] = ""
    model_context: Annotated[PositiveInt, Field(description="Context of the model, tokens (num_ctx)")] = 16_384
    model_answer: Annotated[PositiveInt, Field(description="Longest answer of the model, tokens (num_predict)")] = 4_096
    model_timeout: Annotated[Seconds, Field(description="Time limit of one question, seconds")] = 180.0
    model_slots: Annotated[
        PositiveInt,
        Field(
            description="Questions that one engine asks the model server at once; the server's parallel slots, shared "
            "out among the engines"
        ),
    ] = 2
    ocr: Annotated[str, _one_of("extraction/ocr", "off"), Field(description="OCR engine: rapidocr, tesseract, off")] = (
        "rapidocr"
    )
    ocr_workers: Annotated[PositiveInt, Field(description="OCR processes, about 1.1 GiB each with rapidocr")] = 1
    ocr_timeout: Annotated[Seconds, Field(description="Time limit of one page's recognition, seconds")] = 60.0
    ocr_dpi: Annotated[
        PositiveInt, Field(description="Resolution at which PDF pages are rendered for OCR, dots per inch")
    ] = 150
    reader_workers: Annotated[PositiveInt, Field(description="Processes that open documents")] = 2
    reader_timeout: Annotated[Seconds, Field(description="Time limit of opening one document, seconds")] = 30.0
    reader_memory: Annotated[
        PositiveInt, Field(description="Memory limit of a process that opens documents, bytes")
    ] = 1024 * MIB
    answer_workers: Annotated[
        PositiveInt, Field(description="Processes that find, place and check the values of jobs")
    ] = 2
    answer_seconds: Annotated[
        PositiveInt, Field(description="Processor time that one job's values may take, seconds")
    ] = 20
    answer_memory: Annotated[PositiveInt, Field(description="Memory limit of a process that finds values, bytes")] = (
        512 * MIB
    )
    max_document_bytes: Annotated[PositiveInt, Field(description="Largest document, bytes")] = 50 * MIB
    max_pages: Annotated[PositiveInt, Field(description="Most pages of one document")] = 100
    max_pixels: Annotated[PositiveInt, Field(description="Most pixels of one page image")] = 50_000_000

    # callbacks and document addresses
    allow_hosts: Annotated[
        tuple[str, ...],
        Field(
            description="Hosts inside your network (host or host:port, comma-separated) that callbacks and document "
            "URLs may name"
        ),
    ] = ()
    callback_timeout: Annotated[Seconds, Field(description="Time limit of one callback, seconds")] = 15.0
    public_url: Annotated[
        str, Field(description="Address under which clients reach web, for links in callbacks; empty gives paths")
    ] = ""
    fetch_timeout: Annotated[Seconds, Field(description="Time limit of fetching one document URL, seconds")] = 30.0

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Reads the `IX_*` variables of `env`, the process's own by default; one that is empty counts as not set.
        `overrides` are fields, and win. Raises `ConfigError` naming the variable."""
        try:
            settings = cls(**{**_read(os.environ if env is None else env), **overrides})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name, reason = variable(str(first["loc"][0])), str(first["msg"]).removeprefix("Value error, ")
            raise ConfigError(f"{name}: {reason}") from None
        _check_together(settings)
        return settings


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"IX_{field.upper()}"


_LISTS = ("allow_hosts", "limits")
"""Fields whose variables list their members, comma-separated."""


def _read(env: Mapping[str, str]) -> dict[str, Any]:
    texts = {field: env.get(variable(field), "").strip() for field in Settings.model_fields}
    return {field: _split(text) if field in _LISTS else text for field, text in texts.items() if text}


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check_together(settings: Settings) -> None:
    """Raises `ConfigError` for settings of which each is right and which do not go together."""
    # between two heartbeats an engine must not look frozen, and one of them may be late
    if settings.liveness_limit < 2 * settings.heartbeat_interval:
        raise ConfigError(
            "IX_LIVENESS_LIMIT: must be at least twice IX_HEARTBEAT_INTERVAL, or engines that live count as frozen"
        )
    if settings.extractor != "rules" and not settings.model:
        raise ConfigError(
            f"IX_MODEL: name the model that IX_EXTRACTOR={settings.extractor} asks, for example IX_MODEL=qwen3:8b"
        )
