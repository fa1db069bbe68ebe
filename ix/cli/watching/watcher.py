"""One look after another: what has arrived is handed over, what is answered is written down."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ix.cli import show, tags
from ix.cli.output import emit_line, remark, whole
from ix.cli.watching.ledger import Ledger, Owed
from ix.cli.watching.sources import Arrival, Source, SourceAway, Unreadable
from ix.client import Client, ClientError, Conflict, NotFound
from ix.client.operations import ENDED
from ix.job import Job

FOR_ALL = frozenset({401, 403})
"""Statuses that say nothing about the document: the next one would get the same."""
PASSING = frozenset({0, 408, 429})
"""Statuses that say nothing about the document, and may pass, beside 500 and more."""
LONGEST_NAME = 150
"""Bytes of a document's name that the file of its answer begins with."""
MOST_OWED = 100
"""Answers that are asked for in one look."""


class Watcher:
    """Looks at a source for one way of asking. Told what it does on standard output, a line a document."""

    def __init__(self, parsed: argparse.Namespace, client: Client, source: Source, ledger: Ledger) -> None:
        self._parsed, self._client, self._source, self._ledger = parsed, client, source, ledger
        self._into: Path | None = parsed.into
        self._told: set[str] = set()
        self.troubles: set[str] = set()
        """What went wrong in the last look, and is tried again in the next."""
        self.refused = 0
        """Documents that the service would not take."""

    def look(self) -> bool:
        """Hands over what is new and writes down what is answered; whether all that was handed over is answered. Raises
        `ClientError` where the key is not taken, `IxError` where the ledger or a folder cannot be used."""
        self.troubles = set()
        is_answered = False
        try:
            for arrival in self._source.look():
                self._met(arrival)
            is_answered = self._answers()
        except SourceAway as error:
            self.troubles.add(str(error))
        except ClientError as error:
            if error.status in FOR_ALL:
                raise
            self.troubles.add(error.detail)
        # once, until it has gone well in between
        for trouble in self.troubles - self._told:
            remark(f"ix: {show.plain(trouble)}; tried again at the next look")
        self._told = self.troubles
        return is_answered

    def _met(self, arrival: Arrival) -> None:
        if arrival.key not in self._ledger:
            try:
                data = arrival.read()
            except Unreadable as error:
                self.troubles.add(str(error))
                return
            self._hand_over(arrival, data, hashlib.sha256(data).hexdigest())
        self._source.taken(arrival)

    def _hand_over(self, arrival: Arrival, data: bytes, sha256: str) -> None:
        """Raises `ClientError` where it may go better later, or for none at all."""
        if same := self._ledger.same(sha256):
            ix_id, name = same
            self._ledger.note(arrival.key, sha256, arrival.name, ix_id, duplicate=True)
            self._say(arrival.name, f"duplicate of {show.plain(name)}", ix_id=ix_id, duplicate_of=ix_id)
            return
        try:
            job = self._submitted(arrival, data, sha256)
        except ClientError as error:
            if error.status in FOR_ALL | PASSING or error.status >= 500:
                raise
            # it would be refused for ever: told once, and left alone until it is another file
            self._ledger.note(arrival.key, sha256, arrival.name, None, refused=error.detail)
            self.refused += 1
            self._say(arrival.name, f"refused: {show.plain(error.detail)}", refused=error.detail)
            return
        self._ledger.note(arrival.key, sha256, arrival.name, job.ix_id)
        self._say(arrival.name, job.status, ix_id=job.ix_id, status=job.status)

    def _submitted(self, arrival: Arrival, data: bytes, sha256: str) -> Job:
        parsed = self._parsed
        # by content alone: whatever it is called, and whoever was killed before it was in the ledger
        request_id = f"watch-{asked(parsed)[:16]}-{sha256[:32]}"
        try:
            return self._client.submit(
                [(arrival.name, data)],
                parsed.use_case,
                request_id=request_id,
                options=parsed.asked_options,
                callback_url=parsed.callback_url,
                priority=parsed.priority,
                tags=tags.given(parsed),
                configuration=parsed.configuration,
            )
        except Conflict:
            # to the service a name, a priority and an address to call are content: it has the document all the same
            return self._client.find(request_id)

    def _answers(self) -> bool:
        """Whether no answer is owed any more."""
        if self._into is None:
            return True
        owed = self._ledger.owed(MOST_OWED)
        # all of them: one that takes long keeps no other from being written
        left = sum(not self._answer(one, self._into) for one in owed)
        return left == 0 and len(owed) < MOST_OWED

    def _answer(self, owed: Owed, into: Path) -> bool:
        try:
            job = self._client.get(owed.ix_id)
        except NotFound:
            self._ledger.answered(owed.key)
            self._say(owed.name, "erased", ix_id=owed.ix_id, status="erased")
            return True
        if job.status not in ENDED:
            return False
        file = _write(into, owed, job)
        self._ledger.answered(owed.key)
        result = job.response.result if job.response else None
        values = show.main_values(job.use_case, result)
        told = {"ix_id": owed.ix_id, "status": str(job.status), "file": str(file)}
        # of a document that the service was given in another way, or before the ledger was lost
        if twin := _duplicate_of(job):
            told["duplicate_of"] = twin
            values += f"  duplicate of {twin}"
        self._say(owed.name, f"{job.status}  {values}".rstrip(), **told)
        return True

    def _say(self, name: str, what: str, **told: str) -> None:
        ix_id = told.get("ix_id", "")
        told = {"name": name, **told} | (
            {} if told.keys() & {"refused", "duplicate_of"} else {"status": what.split()[0]}
        )
        emit_line(self._parsed, told, f"{show.plain(name)}  {ix_id:<16}  {what}")


def _duplicate_of(job: Job) -> str:
    """The job that an answer says it is a duplicate of; empty where it says none."""
    found = job.response.warnings if job.response else ()
    return next((str(one.params.get("ix_id", "")) for one in found if one.code == "duplicate_of"), "")


def asked(parsed: argparse.Namespace) -> str:
    """64 hexadecimal digits of a SHA-256 of how documents are asked: by whom, of which service, for what."""
    how: Mapping[str, Any] = {
        "url": parsed.service,
        "client": parsed.client_id,
        "use_case": parsed.use_case,
        "options": parsed.asked_options,
    }
    if parsed.configuration:
        how = {**how, "configuration": parsed.configuration}
    return hashlib.sha256(json.dumps(how, sort_keys=True).encode()).hexdigest()


def _write(into: Path, owed: Owed, job: Job) -> Path:
    """Writes the envelope beside others, whole or not at all: two documents may be called the same."""
    # a name in a mail or a bucket may be anything
    name = "".join(letter if letter.isprintable() and letter not in '/\\:*?"<>|' else "_" for letter in owed.name)
    # a file's name has 255 bytes at most, and letters have up to four
    path = into / f"{name.encode()[:LONGEST_NAME].decode(errors='ignore')}.{owed.ix_id}.json"
    with whole(path, "--into: ") as file:
        file.write(job.envelope())
    return path
