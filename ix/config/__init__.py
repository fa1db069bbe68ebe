"""Settings: every one with its unit and default, read from `IX_*` environment variables in one place.

`Settings.from_env()` reads and validates; a bad value raises `ConfigError` that starts with the variable's name. The
variable of a field is `IX_` and the field's name in capitals: `engine_slots` is `IX_ENGINE_SLOTS`. With `_FILE` behind
it, it names a file that holds the value: `IX_KEY_FILE=/run/secrets/key`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
    ValidationError,
)

from ix.config import addresses, together
from ix.config.choices import one_of
from ix.config.limits import Limit as Limit
from ix.config.limits import limits as _limits
from ix.config.reading import read, source_of
from ix.errors import ConfigError

DISTRIBUTION = "ix-documents"
"""What `pip install` calls ix."""
MIB = 1024 * 1024
LONGEST = 1_000_000
"""Most seconds of a setting, eleven days: in milliseconds it is still a time limit that PostgreSQL takes."""
Seconds = Annotated[float, Field(gt=0, le=LONGEST)]
JITTER = 1.2
"""How many times as long as its setting the pause between two heartbeats may be."""


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
    drill: Annotated[
        bool,
        Field(
            description="Offer drill, a use case for tests that obeys its client, up to ending the engine; give web "
            "and every engine the same"
        ),
    ] = False

    # the client commands: submit, jobs, show and so on
    url: Annotated[str, Field(description="Address of the web process that the client commands call")] = (
        "http://127.0.0.1:8080"
    )
    key: Annotated[SecretStr, Field(description="API key that they send along")] = SecretStr("")

    # PostgreSQL
    postgres_url: Annotated[
        str,
        Field(
            description="Address of the database, several servers comma-separated; empty lets `ix up` start an "
            "embedded one"
        ),
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
    host: Annotated[
        str, AfterValidator(addresses.bare), Field(description="Address that the web process listens on")
    ] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Its port; 0 takes a free one")] = 8080
    share_port: Annotated[
        bool, Field(description="Other web processes may listen there too; the system shares connections out")
    ] = False
    tls_cert: Annotated[
        str,
        Field(description="File of its certificate and those that vouch for it, PEM; empty serves plain HTTP"),
    ] = ""
    tls_key: Annotated[str, Field(description="File of the certificate's key, PEM; empty: it is in the same file")] = ""
    trusted_proxies: Annotated[
        tuple[str, ...],
        AfterValidator(addresses.networks),
        Field(
            description="Proxies whose word on the client's address, scheme, host and prefix counts (addresses and "
            "networks, comma-separated)"
        ),
    ] = ()
    root_path: Annotated[
        str,
        AfterValidator(addresses.prefix),
        Field(description="Path under which a proxy serves ix, such as /ix; it may take it away or leave it there"),
    ] = ""
    cors_origins: Annotated[
        tuple[str, ...],
        AfterValidator(addresses.origins),
        Field(
            description="Sites whose pages may call, once there are keys (https://app.example, comma-separated; * is "
            "every site)"
        ),
    ] = ()
    max_body_bytes: Annotated[PositiveInt, Field(description="Largest request body, bytes")] = 64 * MIB
    max_bodies_bytes: Annotated[
        PositiveInt, Field(description="Most bytes of request bodies in one web process at once, as they came")
    ] = 512 * MIB
    body_workers: Annotated[
        PositiveInt, Field(description="Processes of one web process that read bodies of more than 256 KiB")
    ] = 2
    max_options_bytes: Annotated[PositiveInt, Field(description="Largest options of one job, bytes of JSON")] = (
        1_000_000
    )
    max_documents: Annotated[PositiveInt, Field(description="Most documents in one job")] = 20
    max_batch: Annotated[PositiveInt, Field(description="Most jobs in one POST /jobs/batch")] = 1000
    max_in_flight: Annotated[
        PositiveInt,
        Field(
            description="Requests that one web process works on at once, a quarter for one client; further ones get 503"
        ),
    ] = 1000
    max_waiters: Annotated[
        PositiveInt,
        Field(
            description="Answers that one web process holds at once for ?wait= and streams, a quarter for one client"
        ),
    ] = 5000
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
        Seconds,
        Field(
            description="An engine with no heartbeat for this long counts as frozen, seconds; give web and every "
            "engine the same"
        ),
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

    picture_bytes: Annotated[
        PositiveInt, Field(description="Most bytes of all pictures of pages that are kept; those seen last stay")
    ] = 1 << 30

    # extraction
    extractor: Annotated[
        str, one_of("extraction/models"), Field(description="Model backend: rules, ollama, openai")
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
    ocr: Annotated[
        str, one_of("extraction/ocr", "off"), Field(description="OCR engine: ppocr, rapidocr, tesseract, off")
    ] = "ppocr"
    ocr_workers: Annotated[PositiveInt, Field(description="OCR processes, about 0.4 GiB each with ppocr")] = 1
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
    max_job_bytes: Annotated[PositiveInt, Field(description="Most bytes of all documents of one job")] = 200 * MIB
    engine_bytes: Annotated[
        PositiveInt, Field(description="Most bytes of documents that one engine holds; further jobs wait for theirs")
    ] = 512 * MIB
    max_pages: Annotated[PositiveInt, Field(description="Most pages of one document")] = 100
    max_job_pages: Annotated[PositiveInt, Field(description="Most pages of all documents of one job")] = 500
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

    @property
    def beat_limit(self) -> float:
        """Seconds that one heartbeat may take: as set, but no more than leaves time for another one, over another
        connection, before the engine looks frozen."""
        room = (self.liveness_limit - JITTER * self.heartbeat_interval) / 2
        return min(self.heartbeat_timeout, room) if room > 0 else self.heartbeat_timeout

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None, **overrides: object) -> Settings:
        """Reads the `IX_*` variables of `env`, the process's own by default; one that is empty counts as not set.
        `overrides` are fields, and win. Raises `ConfigError` naming the variable."""
        texts = read(cls.model_fields, env)
        given: dict[str, Any] = {field: _split(text) if field in _LISTS else text for field, text in texts.items()}
        try:
            settings = cls(**{**given, **overrides})
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            name, reason = str(first["loc"][0]), str(first["msg"]).removeprefix("Value error, ")
            raise ConfigError(_refusal(name, reason, env if name not in overrides else {})) from None
        together.check(settings)
        return settings

    @property
    def serves_loopback_only(self) -> bool:
        """Whether web listens where only this machine reaches it."""
        return addresses.is_loopback(self.host)

    @property
    def own_address(self) -> str:
        """Where web listens, as an address for this machine's programs."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls_cert else 'http'}://{host}:{self.port}"


def variable(field: str) -> str:
    """The environment variable of a field."""
    return f"IX_{field.upper()}"


_LISTS = ("allow_hosts", "cors_origins", "limits", "trusted_proxies")
"""Fields whose variables list their members, comma-separated."""


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _refusal(field: str, reason: str, env: Mapping[str, str] | None) -> str:
    file = source_of(field, env)
    # what a file holds may be a secret, and some reasons quote the value
    return f"{variable(field)}_FILE: {file} holds no valid value" if file else f"{variable(field)}: {reason}"
