"""The task of a child: what pages say in answer to a schema, from their words to the response as it is stored.

    ask     a model backend says what the values are    ix.extraction.models
    place   every value is found on the pages           ix.extraction.evidence
    check   what the schema says of the values, how     ix.extraction.checks, ix.extraction.confidence,
            likely each is right, and which of them     ix.extraction.review
            a person should look at

To add a step, write a function over a `Work` and name it in `STEPS`. It answers two calls, each with the schema as its
first blob and the words of the pages as its last ones, and those of `ix.extraction.sorting`:

    {"do": "ask", …}                        the whole response, or {"asks": true} and what a server is to be asked
    {"do": "read", …}, the server's reply   the same, since a server may be asked more than once; with the response
                                            comes {"told": …}, what lists say of it

Where the schema takes electronic invoices and a document carries one, its values are the answer, and nobody is asked
but the rules, for what the pages say differently (`ix.extraction.einvoice`).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from ix import untrusted
from ix.config import MIB, Settings
from ix.errors import JobError, UseCaseFailed, WorkTooMuch
from ix.extraction import models, shapes, sorting
from ix.extraction.checked import CheckedResult
from ix.extraction.checks import found, nothing
from ix.extraction.confidence import calibrate, promise
from ix.extraction.einvoice import electronic
from ix.extraction.einvoice.electronic import Electronic
from ix.extraction.evidence import Placed, compared, place
from ix.extraction.findings import finding
from ix.extraction.headline import headline
from ix.extraction.models import Answer, Backend, Question, RemoteBackend
from ix.extraction.page import ReadPage
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.review.paths import nodes
from ix.extraction.review.points import USUAL, Rules, points
from ix.extraction.sealed import storable
from ix.fields import KeptSchema
from ix.fields import asked as asked_of_pages
from ix.job import Finding, Point, Response, Scalar

MAX_RESPONSE = 64 * MIB
"""Largest response, bytes: an answer of 100,000 values with their evidence has about 30 MB."""
UNSURE = 0.8
"""Mean confidence of OCR below which a page is to be looked at: upright pages have 0.9 and more, even poor ones."""
CODED = re.compile(r"([a-z]+(?:_[a-z]+)+): (.*)", re.DOTALL)
"""A page's warning that brings a code of its own, such as `encoding_guessed: …`."""


class Asks(Exception):
    """A server has to be asked first."""

    def __init__(self, request: bytes) -> None:
        super().__init__()
        self.request = request


@dataclass(slots=True)
class Work:
    """One question on its way through the steps. `schema` is the result's, of which the backend is asked what pages may
    say; `reply` is what the backend's server said, None where nobody has asked it; `electronic` is what an electronic
    invoice says. `rules` say what of the answer of the job `ix_id` needs a person's eyes, `promised` what was made of
    the risk in them."""

    backend: Backend
    question: Question
    schema: Mapping[str, Any]
    shape: Mapping[str, Any] | None
    electronic: Electronic | None = None
    reply: bytes | None = None
    answer: Answer = field(default_factory=lambda: Answer({}))
    placed: Placed = field(default_factory=lambda: Placed({}, {}, ()))
    findings: list[Finding] = field(default_factory=list)
    rules: Rules = USUAL
    ix_id: str = ""
    points: tuple[Point, ...] = ()
    promised: Mapping[str, Any] = field(default_factory=dict)


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """Answers a call, as the module says. Raises `JobError`s."""
    try:
        return sorting.handle(body, blobs) if body["do"] in sorting.CALLS else _answered(body, blobs)
    except Asks as asks:
        return {"asks": True}, [asks.request]
    except (JobError, MemoryError):
        raise
    # neither its message nor its cause: they may carry a document's text
    except (Exception, SystemExit) as error:
        raise UseCaseFailed(f"finding the values raised {type(error).__name__} ({_where(error)})") from None


def _answered(body: Body, blobs: list[bytes]) -> Frame:
    schema, *rest = blobs
    reply = rest.pop(0) if body["do"] == "read" else None
    count = len(body["pages"])
    read = [ReadPage.of(head, words) for head, words in zip(body["pages"], rest[:count], strict=True)]
    whole, asked = _schemas(schema)
    question = Question([page.page() for page in read], asked, body["instructions"], body.get("pictured", ()))
    backend = _backend(body["backend"], tuple(body["settings"].items()))
    work = Work(backend, question, whole, body["shape"], reply=reply)
    work.findings += [*_page_findings(read), *sorting.findings(question.pages)]
    if invoices := list(zip((read[at].document for at in body["invoices"]), rest[count:], strict=True)):
        work.electronic, problems = electronic.taken(invoices, whole, question)
        work.findings += problems
    work.findings += [_of_rule(work.electronic, *one) for one in body.get("rules", ())]
    bar, sample = body.get("review", USUAL[:2])
    # what a client takes upon itself counts more than what its use case does
    work.rules = Rules(bar, sample, body.get("risk") or (whole.get("x-ix") or {}).get("risk"))
    work.ix_id = body.get("ix_id", "")
    timings: dict[str, float] = dict(body["timings"])
    for name, step in STEPS.items():
        started = time.perf_counter()
        step(work)
        # a server's time was measured by whoever asked it
        timings[name] = round(timings.get(name, 0.0) + time.perf_counter() - started, 4)
    usage = {
        **body.get("about", {}),
        **work.answer.usage,
        "documents": body["documents"],
        "pages": len(read),
        "read": [_how(page) for page in read],
        **({"risk": work.promised} if work.promised else {}),
    }
    # what lists say of it, told here where the values are at hand
    told = {
        "pages": len(read),
        "headline": headline(work.placed.result, work.schema),
    }
    # of an answer without values nobody can say whether it wants a person's eyes
    if work.placed.evidence:
        told |= {"review": "needed" if work.points else "straight", "points": len(work.points) or None}
    return {"told": told}, [_written(work, timings, usage)]


def _of_rule(found: Electronic | None, code: str, message: str, where: str) -> Finding:
    """What an official rule says, under the field that comes from where it is broken."""
    paths = found.mapped.paths.items() if found else ()
    path = next((path for path, at in paths if where and at == where), "")
    return finding(code, path, text=message)


def _written(work: Work, timings: dict[str, float], usage: dict[str, Any]) -> bytes:
    written = storable(
        Response(
            result=work.placed.result,
            evidence=work.placed.evidence,
            warnings=tuple(work.findings),
            points=work.points,
            timings=timings,
            usage=usage,
        )
    )
    if len(written) > MAX_RESPONSE:
        raise WorkTooMuch(f"the answer has {len(written)} bytes, more than the {MAX_RESPONSE} allowed")
    return written


# The steps


def ask(work: Work) -> None:
    """The backend says what the values are, and by which words, unless an electronic invoice does. Raises `Asks` where
    the backend's server has to be asked."""
    work.answer = work.electronic.answer if work.electronic else _said(work)
    work.findings += [finding("model_warning", text=warning) for warning in work.answer.warnings]
    work.findings += work.answer.findings


def _said(work: Work) -> Answer:
    if not isinstance(work.backend, RemoteBackend):
        return _loop().run_until_complete(work.backend.ask(work.question))
    if work.reply is not None:
        prepared = work.backend.read(work.question, work.reply)
    else:
        prepared = work.backend.pose(work.question)
    if isinstance(prepared, bytes):
        raise Asks(prepared)
    return prepared


def place_(work: Work) -> None:
    """Every value is found in the words, and compared with what codes on the pages say."""
    pages = work.question.pages
    if work.electronic:
        placed = work.electronic.placed(work.schema, pages)
    else:
        placed = place(work.answer.values, work.schema, pages)
    work.placed = compared(placed, work.schema, pages)
    work.findings += work.placed.findings


def check_(work: Work) -> None:
    """What the schema, and the use case's own model, say of the values, and what of it all wants a person's eyes."""
    checked = CheckedResult(work.placed.result, work.schema)
    work.findings += [*found(checked), *nothing(checked)]
    if work.electronic:
        work.findings += work.electronic.findings(work.placed)
    # a path that the checks have named already is not named again in pydantic's words
    known = {finding.path for finding in work.findings}
    if work.shape is not None:
        work.findings += [each for each in shapes.minded(work.placed.result, work.shape) if each.path not in known]
    rated = calibrate(work.placed, checked, work.findings)
    if work.rules.risk is not None:
        made = promise(work.rules.risk, checked, dict(nodes(work.placed.evidence)), rated)
        work.promised = made.said
        work.findings += made.findings
        work.rules = work.rules.under(made.bar)
    work.points = points(checked, work.placed.evidence, work.findings, work.rules, ix_id=work.ix_id)


STEPS: Mapping[str, Callable[[Work], None]] = {"ask": ask, "place": place_, "check": check_}


@lru_cache(maxsize=32)
def _schemas(written: bytes) -> tuple[Any, Any]:
    """A schema, and what of it pages are asked, parsed once for the jobs of a use case: nobody changes them. What is in
    it was checked when it came."""
    whole = untrusted.load(written)
    asked = asked_of_pages(whole)
    return KeptSchema(whole), KeptSchema(asked)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    """One for all calls: a new one takes as long as a short text's values."""
    return asyncio.new_event_loop()


@cache
def _backend(module: str, settings: tuple[tuple[str, Any], ...]) -> Backend:
    return models.load(Settings(**dict(settings)), module)


def _how(page: ReadPage) -> dict[str, Any]:
    """How a page was read, and how sure that is, as `usage` says."""
    return {
        "document": page.document,
        "page": page.number,
        "source": page.source,
        "confidence": round(page.confidence, 2),
    }


def _page_findings(pages: Sequence[ReadPage]) -> list[Finding]:
    return [finding for page in pages for finding in _findings_of(page)]


def _findings_of(page: ReadPage) -> Iterator[Finding]:
    where: dict[str, Scalar] = {"document": page.document, "page": page.number}
    for warning in page.warnings:
        coded = CODED.match(warning)
        code, text = coded.groups() if coded else ("page_warning", warning)
        yield finding(code, **where, text=text)
    for unverified in page.unverified:
        yield finding("text_unverified", **where, text=unverified)
    if page.confidence < UNSURE:
        yield finding("low_confidence", **where, confidence=round(page.confidence, 2))
    if page.hidden:
        one: dict[str, Scalar] = {"case": "one"} if page.hidden == 1 else {}
        yield finding("hidden_text", **where, count=page.hidden, **one)


def _where(error: BaseException) -> str:
    """File and line where something raised: enough to find it, and nothing of the document."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "nowhere"
