"""What a server's replies say, part by part: read, put right, put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ix.errors import ModelError
from ix.extraction.findings import finding
from ix.extraction.models import Answer, Question, Tree
from ix.extraction.models._answer import Read, no_answer, read_answer
from ix.extraction.models._failures import invalid, truncated
from ix.extraction.models._leaks import Leaks
from ix.extraction.models._parts import Part, joined, without_loops
from ix.extraction.models._quotes import settled
from ix.extraction.models._repairs import Repair, repair_of, repaired
from ix.extraction.models._reply import Reply, content_of, count_of
from ix.extraction.models._tokens import Counted, check_read
from ix.job import Finding

if TYPE_CHECKING:
    from ix.extraction.models._chat import ChatBackend

LEAKED = "the model repeated its instructions as values, which were left out: the document may ask for that"
UNCOUNTED = "the server does not say how many tokens it read, so it may have cut the prompt short"
UNREAD = "the model's answer to a part of the question could not be read"


class Replies:
    """The replies to a question of several parts, and to what was asked again of some of them."""

    def __init__(
        self, backend: ChatBackend, question: Question, parts: Sequence[Part], counted: Sequence[Counted]
    ) -> None:
        self._backend, self._question, self._parts, self._counted = backend, question, parts, counted
        self._settings = backend.settings
        self._said: Sequence[Reply] = ()
        self._reads: list[Read | None] = []
        self._findings: list[Finding] = []
        self._sure = True
        self._leaked = 0

    def read(self, said: Sequence[Reply]) -> list[Repair]:
        """Reads them, and says what has to be asked again; nothing where it was. Raises `ModelError`."""
        self._said = said
        for number, reply in enumerate(said):
            part = self._parts[number] if number < len(self._parts) else None
            self._check(reply, part, self._counted[number])
        first, second = said[: len(self._parts)], said[len(self._parts) :]
        self._reads = [self._read(part, reply) for part, reply in zip(self._parts, first, strict=True)]
        repairs = list(self._repairs(first))
        if not second:
            return repairs
        for repair, reply in zip(repairs, second, strict=True):
            self._reads[repair.part] = self._repaired(repair, reply)
        return []

    def answer(self, digest: str) -> Answer:
        """All of them as one answer. Raises `ModelError` (`model_answer_invalid`) where none could be read."""
        if not any(self._reads):
            raise invalid(
                "the model's answer is no object with the fields asked for: use a model that follows JSON schemas"
            )
        values, differing = joined(list(self._kept()), self._question.schema)
        usage = {
            "model": self._settings.model,
            "prompt_tokens": self._sum("prompt_tokens"),
            "completion_tokens": self._sum("completion_tokens"),
            "questions": len(self._said),
            **({"digest": digest} if digest else {}),
        }
        warnings = ("" if self._sure else UNCOUNTED, LEAKED if self._leaked else "")
        return Answer(values, usage, tuple(filter(None, warnings)), (*self._findings, *differing))

    def _kept(self) -> Iterator[dict[str, Tree]]:
        """Of each part what it says, without what it repeats."""
        for part, read in zip(self._parts, self._reads, strict=True):
            if read is None:
                yield no_answer(part.schema)
                self._findings += [
                    finding("model_value_invalid", name, field=name, text="anything that can be read")
                    for name in part.form["properties"]
                ]
                continue
            values, looped = without_loops(read.values, part.prompt.document)
            leaks = Leaks(part.prompt)
            yield leaks.without(values)
            self._leaked += leaks.found
            self._findings += looped
            self._findings += [
                finding("model_value_invalid", path, field=path, text=what.removesuffix(","))
                for path, what in read.wrong.items()
            ]
            self._findings += [finding("model_cut", path, field=path) for path in read.lost]

    def _check(self, reply: Reply, part: Part | None, counted: Counted) -> None:
        """Before the answer is looked at: one to a prompt that was cut short may look right."""
        if reply.truncated is True:
            raise truncated("the server says that it cut the prompt: raise IX_MODEL_CONTEXT, or send fewer pages")
        read = count_of(reply.prompt_tokens)
        if read is None:
            self._sure = False
        elif part is not None:
            # what a server still had from an earlier prompt it has read as well
            read += count_of(reply.cached) or 0
            new = self._backend.counts_new
            self._sure &= check_read(part.prompt.text, read, self._settings, counted, counts_new=new)

    def _read(self, part: Part, reply: Reply) -> Read | None:
        """None where nothing can be read in it."""
        cut = reply.finished == "length"
        content = content_of(reply)
        try:
            read = read_answer(content, part.schema, cut=cut)
        except ModelError:
            if not cut:
                return None
            read = Read(no_answer(part.schema), lost=list(part.form["properties"]))
        # a table that was cut still has its first rows
        if cut and all(value["type"] != "array" for value in part.form["properties"].values()):
            self._check_whole(read)
        self._findings += settled(read, part.schema, part.prompt.document)
        return read

    def _check_whole(self, read: Read) -> None:
        """Single values are short: where one was cut off, there is no room to answer."""
        if len(read.lost) == len(read.values):
            cure = "raise IX_MODEL_ANSWER (and IX_MODEL_CONTEXT with it), or send fewer pages"
            raise truncated(f"the model's answer was cut short: {cure}")

    def _repairs(self, first: Sequence[Reply]) -> Iterator[Repair]:
        for number, (part, reply, read) in enumerate(zip(self._parts, first, self._reads, strict=True)):
            if repair := repair_of(number, part, content_of(reply), read):
                yield repair

    def _repaired(self, repair: Repair, reply: Reply) -> Read | None:
        first = self._reads[repair.part]
        try:
            again = read_answer(content_of(reply), repair.schema, cut=reply.finished == "length")
        except ModelError:
            # the second round can only better the first
            return first
        self._findings += settled(again, repair.schema, self._parts[repair.part].prompt.document)
        return repaired(first, again)

    def _sum(self, name: str) -> int | None:
        counts = [count_of(getattr(reply, name)) for reply in self._said]
        # a sum with some of it missing would look like the whole
        return None if None in counts else sum(count for count in counts if count is not None)
