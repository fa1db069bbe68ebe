"""Documents go in, and their answers come out, in order."""

from __future__ import annotations

import io
import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ix.cli.evaluating.labels import Asked, Label, Questions
from ix.client import Client
from ix.errors import IxError
from ix.job import Job

AHEAD = 16
"""Jobs that are submitted before their turn comes: enough to keep an engine busy."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One document's labels, what it was asked, and what the service answered. `problem` says why there is none."""

    label: Label
    asked: Asked
    ix_id: str = ""
    response: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def result(self) -> Mapping[str, Any]:
        """The answered values; none of a job that failed."""
        found = self.response.get("result")
        return found if isinstance(found, Mapping) else {}

    @property
    def evidence(self) -> Mapping[str, Any]:
        """The evidence of each answered value; none of a job that failed."""
        found = self.response.get("evidence")
        return found if isinstance(found, Mapping) else {}


def outcomes(
    client: Client, folder: Path, labels: Sequence[Label], questions: Questions, bare: bool = False
) -> Iterator[Outcome]:
    """Every document's answer, in their order. With `bare`, PDFs leave without the files attached to them."""
    run, waiting = uuid.uuid4().hex[:12], deque[tuple[Label, Asked, Job | str]]()
    for number, label in enumerate(labels):
        asked = questions.of(label)
        # an id of this run: by the one that a client makes of the content, an earlier run's job would come back
        waiting.append((label, asked, _submitted(client, folder / label.file, asked, f"eval-{run}-{number}", bare)))
        if len(waiting) >= AHEAD:
            yield _awaited(client, *waiting.popleft())
    while waiting:
        yield _awaited(client, *waiting.popleft())


def _submitted(client: Client, file: Path, asked: Asked, request_id: str, bare: bool) -> Job | str:
    """The job, or why it was refused."""
    try:
        document = without_attachments(file) if bare else file
        return client.submit([document], asked.use_case, options=asked.options, request_id=request_id)
    except IxError as error:
        # one document that is refused ends no run
        return str(error)


def _awaited(client: Client, label: Label, asked: Asked, job: Job | str) -> Outcome:
    if isinstance(job, str):
        return Outcome(label, asked, problem=job)
    response = client.wait(job).model_dump(mode="json")["response"]
    if response["error"]:
        return Outcome(label, asked, job.ix_id, problem=response["error"]["code"])
    return Outcome(label, asked, job.ix_id, response)


def without_attachments(file: Path) -> Path | tuple[str, bytes]:
    """A PDF without the files attached to it, such as its electronic invoice; any other document as it is."""
    if file.suffix.lower() != ".pdf":
        return file
    # not at the command's start: few documents need it
    import pypdfium2 as pdfium

    document, saved = pdfium.PdfDocument(file), io.BytesIO()
    # from behind, since the ones behind a deleted one move up
    for number in reversed(range(document.count_attachments())):
        document.del_attachment(number)
    document.save(saved)
    return file.name, saved.getvalue()
