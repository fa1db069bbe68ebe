"""Large bodies are read in child processes, which can be stopped: to parse, decode, validate and digest 16 MiB takes
seconds if a client wants it so, in which the event loop would serve nobody else.

What comes back is looked into as little as possible: a few columns of each submission, and bytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, TypeAdapter

from ix.api.problems import RETRY_AFTER_SECONDS, Problem, invalid
from ix.api.submission.configured import NOTHING, SAVED, Known, Unresolved, refusal_of
from ix.api.submission.reading import Body, Read
from ix.config import MIB, Settings, variable
from ix.database.keys import Caller
from ix.errors import InvalidInput, TimeLimitExceeded
from ix.job import Configured, Request, Submission, Written
from ix.telemetry import tracing
from ix.telemetry.log import Event, log

if TYPE_CHECKING:
    from ix.extraction.processes.children import Children

SECONDS = 60.0
"""Time for one body."""
PROCESSOR_SECONDS = 20.0
"""Processor time for one body; the largest honest ones take two."""
CALLS = 50
"""Bodies after which a process is replaced: one that was large keeps memory."""
TASK = "ix.api.submission.offloaded"
COLUMNS = ("client_id", "request_id", "use_case", "callback_url", "max_attempts", "priority", "tags", "batch_id")
"""What is said of a submission beside its request and its moment."""
CALLER = TypeAdapter(Caller)
"""How a caller travels, in JSON."""
PASSED_ON = (
    "drill",
    "use_case_dir",
    "allow_hosts",
    "max_attempts",
    "max_batch",
    "max_body_bytes",
    "max_document_bytes",
    "max_documents",
    "max_options_bytes",
)
"""The settings that a body is judged by: no secret is among them."""


class LargeBodies:
    """The child processes, started when first needed, and what they are asked."""

    def __init__(self, settings: Settings, seconds: float = SECONDS) -> None:
        self._settings = settings
        self._seconds = seconds
        self._stopped = False
        self._children: Children | None = None

    async def read(self, body: Body, caller: Caller, known: Known = NOTHING) -> list[Read]:
        """The submissions in a body. Raises `Problem`: what the child found, 422 where it is more than a child can
        read, 503 where there was no time; and `Unresolved` where it names configurations that are not `known`."""
        asked = {
            "caller": CALLER.dump_python(caller, mode="json"),
            "content_type": body.content_type,
            "encoding": body.encoding,
            "many": body.many,
            "known": [[*named, saved and SAVED.dump_python(saved, mode="json")] for named, saved in known.items()],
        }
        answer, blobs = await self._ask(asked, body.content, caller.client_id or "")
        if refused := answer.get("refused"):
            raise Problem(**refused)
        if unresolved := answer.get("unresolved"):
            raise Unresolved((client, reference) for client, reference in unresolved)
        current = tracing.current()
        trace = current.line() if current else None
        return [_read(told, body.content, blobs, trace, caller) for told in answer["found"]]

    async def stop(self) -> None:
        """Ends the processes, also those at work."""
        self._stopped = True
        if self._children:
            await self._children.stop()

    async def _ask(self, asked: Mapping[str, Any], content: bytes, client: str) -> tuple[dict[str, Any], list[bytes]]:
        # with the first large body: a web process that gets none loads nothing of the extraction
        from ix.extraction.processes.children import ChildDied

        for is_last in (False, True):
            try:
                return await self._pool().call(
                    asked, [content], seconds=self._seconds, processor=PROCESSOR_SECONDS, owner=(client, "")
                )
            except TimeLimitExceeded:
                break
            except ChildDied as error:
                if self._stopped:
                    break
                # once more: it may have been ended from outside
                if is_last:
                    log(Event.BODY_REFUSED, bytes=len(content), error=error)
                    raise invalid(InvalidInput("", "takes more time or memory to read than there is")) from None
        raise Problem(
            503,
            "ix is busy: the body could not be read in time; try again",
            headers={"retry-after": RETRY_AFTER_SECONDS},
        )

    def _pool(self) -> Children:
        from ix.extraction.processes.children import Children

        if self._children is None:
            # a body, its text, its values and its documents at once, beside what Python takes
            memory, workers = 512 * MIB + 6 * self._settings.max_body_bytes, self._settings.body_workers
            self._children = Children(
                TASK,
                workers,
                memory,
                extra=_environment(self._settings),
                calls=CALLS,
                # in time for the body after the one that starts the first, or after which one is replaced
                ahead=True,
                readable=[self._settings.use_case_dir],
            )
        return self._children


def _read(told: Mapping[str, Any], content: bytes, blobs: Sequence[bytes], trace: str | None, caller: Caller) -> Read:
    if problem := told.get("problem"):
        return Problem(**problem)
    return Submission(
        **told["columns"],
        configuration=Configured(**told["configuration"]) if told["configuration"] else None,
        refusal=refusal_of(told["refusal"]),
        run_at=datetime.fromisoformat(told["run_at"]) if told["run_at"] else None,
        request=Request(),
        trace=trace,
        precedes=caller.precedes,
        written=Written(blobs[told["request"]], bytes.fromhex(told["digest"]), *told["named"]),
        passwords={int(at): SecretStr(text) for at, text in told["passwords"].items()},
        blobs={
            sha: blobs[place] if isinstance(place, int) else content[place[0] : place[1]]
            for sha, place in told["documents"].items()
        },
    )


def _environment(settings: Settings) -> dict[str, str]:
    """The settings that are passed on, as `Settings.from_env` reads them."""
    values = {name: getattr(settings, name) for name in PASSED_ON}
    return {
        variable(name): ",".join(value) if isinstance(value, tuple) else str(value) for name, value in values.items()
    }
