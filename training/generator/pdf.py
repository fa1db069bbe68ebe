"""Sheets as PDFs with a text layer, and, on request, as scans."""

from __future__ import annotations

import io
import unicodedata
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from training.generator.sheet import Run, Sheet

_STANDARD = {"sans": "Helvetica", "narrow": "Helvetica", "serif": "Times-Roman", "mono": "Courier"}
_BOLD = {"Helvetica": "Helvetica-Bold", "Times-Roman": "Times-Bold", "Courier": "Courier-Bold"}
_WIDER = {"sans": "DejaVuSans", "narrow": "DejaVuSansCondensed", "serif": "DejaVuSerif", "mono": "DejaVuSansMono"}
"""Fonts for letters that the standard ones of PDF have not, where they are installed."""
_FOLDERS = ("/usr/share/fonts/truetype/dejavu", "/usr/share/fonts/dejavu", "/Library/Fonts")
_ASCENT = 0.76
"""From the top of letters to the line they stand on, as a share of the size."""


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """A PDF of the sheets; the same bytes for the same sheets."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for sheet in sheets:
        canvas.setPageSize((sheet.width, sheet.height))
        for x0, y0, x1, y1 in sheet.rules:
            canvas.setLineWidth(0.5)
            canvas.line(x0, sheet.height - y0, x1, sheet.height - y1)
        for run in sheet.runs:
            _draw(canvas, run, sheet.height)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _draw(canvas: Canvas, run: Run, height: float) -> None:
    font, text = _font(run)
    natural = pdfmetrics.stringWidth(text, font, run.size)
    line = canvas.beginText(run.x, height - run.y - _ASCENT * run.size)
    line.setFont(font, run.size)
    # set as wide as the sheet has it, so that columns keep their edges in any font
    line.setHorizScale(100 * run.width / natural if natural else 100)
    line.textOut(text)
    canvas.drawText(line)


def _font(run: Run) -> tuple[str, str]:
    try:
        run.text.encode("cp1252")
    except UnicodeEncodeError:
        if wider := _registered(_WIDER[run.face]):
            return wider, run.text
        # without such a font its letters lose their accents, as they do on many a form
        folded = unicodedata.normalize("NFKD", run.text.replace("ł", "l").replace("Ł", "L"))
        return _STANDARD[run.face], folded.encode("ascii", "ignore").decode()
    standard = _STANDARD[run.face]
    return (_BOLD[standard] if run.bold else standard), run.text


@cache
def _registered(name: str) -> str:
    for folder in map(Path, _FOLDERS):
        if (file := folder / f"{name}.ttf").is_file():
            pdfmetrics.registerFont(TTFont(name, str(file)))
            return name
    return ""
