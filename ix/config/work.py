"""Settings of the engine: jobs, documents, models, callbacks."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, NonNegativeFloat, NonNegativeInt, PositiveInt, SecretStr

from ix.config.choices import backend, json_object, one_of
from ix.config.limits import Limit, Term, terms
from ix.config.limits import limits as _limits
from ix.config.people import PeopleSettings
from ix.config.service import ServiceSettings
from ix.config.storage import StorageSettings
from ix.config.units import MIB, Seconds


class WorkSettings(PeopleSettings, StorageSettings, ServiceSettings):
    """The second half of `ix.config.Settings`."""

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
        Field(
            description="Ended jobs are erased, documents with them, after this many days, unless `ix retention` says "
            "otherwise; 0 keeps them"
        ),
    ] = 0.0

    document_days: Annotated[
        tuple[Term, ...],
        BeforeValidator(terms),
        Field(
            description="Documents of ended jobs are erased after so many days, and what was read on their pages, "
            "while results stay: invoice=30, *=90 for all others, comma-separated, unless `ix retention` says "
            "otherwise; give every engine and web the same"
        ),
    ] = ()

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

    pdf_bytes: Annotated[
        PositiveInt,
        Field(description="Most bytes of all PDFs of jobs' pages that are kept; those asked for last stay, for a day"),
    ] = 512 * MIB

    # extraction
    extractor: Annotated[
        str,
        backend(),
        Field(description="Who answers: rules, ollama, openai, or both witnesses: rules+ollama, rules+openai"),
    ] = "rules"
    ollama_url: Annotated[
        str, Field(description="Address of Ollama, several comma-separated: the next one is asked where one fails")
    ] = "http://127.0.0.1:11434"
    openai_url: Annotated[
        str,
        Field(
            description="Base address of an OpenAI-compatible server, up to and with /v1; several comma-separated: the "
            "next one is asked where one fails"
        ),
    ] = "http://127.0.0.1:8000/v1"
    openai_key: Annotated[SecretStr, Field(description="Its bearer key, if it wants one")] = SecretStr("")
    model: Annotated[str, Field(description="Model that the backend asks; empty is only allowed with rules")] = ""
    model_context: Annotated[PositiveInt, Field(description="Context of the model, tokens (num_ctx)")] = 16_384
    model_answer: Annotated[PositiveInt, Field(description="Longest answer of the model, tokens (num_predict)")] = 4_096
    model_images: Annotated[
        Literal["auto", "scans", "all", "off"],
        Field(
            description="Pages whose pictures the model is shown: those that OCR read where its server says that it "
            "sees (auto), those in any case (scans), all, or none (off)"
        ),
    ] = "auto"
    model_timeout: Annotated[Seconds, Field(description="Time limit of one question, seconds")] = 180.0
    model_slots: Annotated[
        NonNegativeInt,
        Field(
            description="Questions that one engine asks the model server at once; the server's parallel slots, shared "
            "out among the engines; 0: as many as llama.cpp says it has, 1 for ollama, else 2"
        ),
    ] = 0
    model_extra_body: Annotated[
        str,
        AfterValidator(json_object),
        Field(
            description="JSON object that is merged into every question to the model server, for example "
            '{"keep_alive": "2h"}; null leaves a member out'
        ),
    ] = ""
    ocr: Annotated[
        str,
        one_of("extraction/ocr", "off"),
        Field(description="OCR engine: ppocr, ppocr_cuda, ppocr_openvino, rapidocr, tesseract, off"),
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
    einvoice_rules: Annotated[
        str,
        Field(
            description="Folder of compiled Schematron (*.xslt, *.xsl) that electronic invoices are checked with; "
            "needs the extra schematron; empty checks their arithmetic alone"
        ),
    ] = ""
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

    # review
    review_bar: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Confidence under which a value is a point of the review, unless a sum proves it or its field "
            "has a bar of its own; give web and every engine the same",
        ),
    ] = 0.8
    review_sample: Annotated[
        float,
        Field(ge=0, le=1, description="Share of the answers without a point that are to be looked at all the same"),
    ] = 0.02

    same_invoices: Annotated[
        bool,
        Field(
            description="Whether the answer to an invoice says where an earlier one of the client has the same seller, "
            "number and total"
        ),
    ] = False

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
