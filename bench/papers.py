"""Documents that nobody wrote, each another one, with a value that stands on it: texts, born-digital PDFs, scans,
workbooks, mails."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from random import Random
from typing import Any

import pypdfium2 as pdfium
import xlsxwriter
from PIL import Image, ImageFilter

from bench import scoring
from training.generator import Made, documents
from training.generator.__main__ import plain
from training.generator.sheet import Sheet

SEED = 20_261_130
SHARES: Mapping[str, float] = {"text": 0.90, "pdf": 0.09, "scan": 0.01}
"""Of documents that come mixed."""
KEY_FIELDS = {"receipt": ("total", "amount"), "invoice": ("grand_total", "amount"), "letter": ("date", "date")}
"""What an answer is judged by, and what kind of value it is."""
USE_CASES: Mapping[str, tuple[str, ...]] = {
    "text": ("receipt", "invoice", "letter"),
    "pdf": ("invoice", "letter"),
    "scan": ("receipt", "invoice"),
    "workbook": ("invoice",),
    "mail": ("invoice", "letter"),
}
_DPI = 150
_COLUMN = 5.0
"""Points of a sheet that one letter of a plain text stands for."""


@dataclass(frozen=True)
class Paper:
    """A document under the request id of its submission; `value` is what its key field should say."""

    request_id: str
    kind: str
    use_case: str
    name: str
    data: bytes
    pages: int
    value: Any

    def is_right(self, result: Mapping[str, Any] | None) -> bool:
        """Whether an answer has the value."""
        field, kind = KEY_FIELDS[self.use_case]
        return result is not None and scoring.compare(field, kind, self.value, result.get(field)).exact


def papers(count: int) -> Iterator[Paper]:
    """So many documents, the kinds mixed by their shares and evenly; the same ones each time."""
    numbers = {kind: round(count * share) for kind, share in SHARES.items()}
    numbers["text"] += count - sum(numbers.values())
    sources = {kind: of_kind(kind, number) for kind, number in numbers.items()}
    places = ((at + 0.5) / number for number in numbers.values() for at in range(number))
    kinds = (kind for kind, number in numbers.items() for _ in range(number))
    for _, kind in sorted(zip(places, kinds, strict=True)):
        yield next(sources[kind])


def of_kind(kind: str, count: int) -> Iterator[Paper]:
    """So many documents of a kind that `USE_CASES` names; the same ones each time."""
    cases = USE_CASES[kind]
    made = {case: documents(case, count, seed=SEED + len(kind)) for case in cases}
    for number in range(count):
        case = cases[number % len(cases)]
        one, request_id = next(made[case]), f"{kind}-{number:05}"
        name, data = _file(one, kind, request_id)
        pages = 1 if kind == "scan" else len(one.sheets)
        yield Paper(request_id, kind, case, name, data, pages, plain(one.gold)[KEY_FIELDS[case][0]])


def _file(one: Made, kind: str, request_id: str) -> tuple[str, bytes]:
    # here, since nothing else needs reportlab
    from training.generator.pdf import pdf

    match kind:
        case "text":
            return f"{request_id}.txt", "\f".join(map(text, one.sheets)).encode()
        case "pdf":
            return f"{request_id}.pdf", pdf(one.sheets)
        case "scan":
            return f"{request_id}.jpg", scan(pdf(one.sheets), Random(request_id))
        case "workbook":
            return f"{request_id}.xlsx", workbook(one.sheets)
        case _:
            return f"{request_id}.eml", mail("\n".join(map(text, one.sheets)), request_id)


def text(sheet: Sheet) -> str:
    """A sheet in plain letters: what stands beside something stays beside it."""
    lines: dict[int, str] = {}
    for run in sorted(sheet.runs, key=lambda run: (round(run.y), run.x)):
        line = lines.get(round(run.y), "")
        gap = max(round(run.x / _COLUMN) - len(line), 2 if line else 0)
        lines[round(run.y)] = line + " " * gap + run.text
    return "\n".join(lines.values()) + "\n"


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """Sheets as those of a workbook: a row for each line, what stands apart in cells of its own."""
    saved = io.BytesIO()
    with xlsxwriter.Workbook(saved, {"in_memory": True}) as book:
        for sheet in sheets:
            rows = book.add_worksheet()
            for at, line in enumerate(text(sheet).splitlines()):
                rows.write_row(at, 0, re.split(r" {2,}", line.strip()))
    return saved.getvalue()


def mail(words: str, subject: str) -> bytes:
    """A mail that says this."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", subject
    message.set_content(words)
    return message.as_bytes()


def scan(data: bytes, random: Random) -> bytes:
    """The first page of a PDF as a scanner would have it: grey, a little askew and unsharp, JPEG."""
    page = pdfium.PdfDocument(data)[0].render(scale=_DPI / 72).to_pil().convert("L")
    turned = page.rotate(random.uniform(-0.7, 0.7), Image.Resampling.BICUBIC, fillcolor=255)
    saved = io.BytesIO()
    turned.filter(ImageFilter.GaussianBlur(0.4)).save(saved, "JPEG", quality=80, dpi=(_DPI, _DPI))
    return saved.getvalue()
