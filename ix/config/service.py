"""Settings of the processes, of the database and of what answers over HTTP."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    NonNegativeInt,
    PositiveInt,
    SecretStr,
)

from ix.config import addresses
from ix.config.first_key import first_key
from ix.config.units import MIB, Seconds


class ServiceSettings(BaseModel):
    """The first half of `ix.config.Settings`, in the order in which `ix settings` prints it."""

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
    replica_url: Annotated[
        str,
        Field(description="Address of a standby that lists, counts and exports are asked of; empty: the database is"),
    ] = ""
    replica_age: Annotated[
        Seconds, Field(description="How far it may be behind, seconds; the database is asked beyond that")
    ] = 30.0
    bootstrap_key: Annotated[
        SecretStr,
        AfterValidator(first_key),
        Field(
            description="An admin's key that `ix migrate` and `ix up` make valid where no key was ever made; its file "
            "must be its owner's alone"
        ),
    ] = SecretStr("")
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
    day_jobs: Annotated[
        NonNegativeInt,
        Field(
            description="New jobs of one client in a day of UTC, unless `ix caps` says otherwise of it; further ones "
            "get 429; 0 is no cap"
        ),
    ] = 0
    day_pages: Annotated[
        NonNegativeInt,
        Field(
            description="Pages read for one client in a day of UTC, unless `ix caps` says otherwise of it; new jobs "
            "get 429 from then on, accepted ones run; 0 is no cap"
        ),
    ] = 0
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
    prometheus: Annotated[
        bool, Field(description="Serve what is measured for Prometheus at /metrics/prometheus, to admin keys")
    ] = False
    probe_timeout: Annotated[Seconds, Field(description="Time limit of each health probe, seconds")] = 2.0
