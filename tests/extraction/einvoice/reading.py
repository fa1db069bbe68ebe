"""Documents answered in this process, as the children do it."""

from __future__ import annotations

from typing import Any

from ix import untrusted
from ix.config import Settings
from ix.extraction import answering, documents, models
from ix.extraction.documents import Limits, packed
from ix.extraction.page import packed_words
from ix.use_cases.invoice import USE_CASE

LIMITS = Limits(pages=100, pixels=10_000_000)


def response(*files: bytes, schema: Any = None, extractor: Any = "rules") -> dict[str, Any]:
    """The response to a job of these documents, by the use case `invoice` or another schema."""
    heads, words, invoices, at = [], [], [], []
    for number, data in enumerate(files):
        for index, page in enumerate(documents.read(data, LIMITS), 1):
            head = {"number": index, "document": number, "source": "text", **packed(page)}
            heads.append({name: head[name] for name in HEAD})
            words.append(packed_words(page.words))
            if page.invoice:
                invoices.append(page.invoice)
                at.append(len(heads) - 1)
    settings = Settings(extractor=extractor)
    body = {
        "do": "ask",
        "backend": models.module_of(settings),
        "settings": models.told(settings),
        "instructions": "",
        "pages": heads,
        "documents": len(files),
        "shape": None,
        "timings": {},
        "invoices": at,
    }
    written = untrusted_schema(schema or USE_CASE.schema)
    answered, blobs = answering.handle(body, [written, *words, *invoices])
    assert answered.keys() == {"told"}
    found: dict[str, Any] = untrusted.parse(blobs[0])
    return found


def untrusted_schema(schema: Any) -> bytes:
    """A schema as it travels."""
    from pydantic_core import to_json

    return to_json(schema)


HEAD = ("number", "width", "height", "source", "document", "warnings", "rotation", "hidden", "unverified", "laid_out")


def codes(found: dict[str, Any]) -> list[tuple[str, str]]:
    """Code and path of each warning."""
    return [(each["code"], each["path"]) for each in found["warnings"]]
