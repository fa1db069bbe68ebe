"""RapidOCR: PP-OCR models on onnxruntime, inside the package's wheel."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from ix.errors import OcrError
from ix.extraction.layout import around, clamped
from ix.extraction.page import Box, Word

if TYPE_CHECKING:
    from PIL.Image import Image

MISSING = "the rapidocr package or its models are missing: pip install 'rapidocr>=3.4' 'onnxruntime>=1.20'"

Piece: TypeAlias = tuple[str, float, Box]
"""Text, confidence, box in pixels."""


class RapidOcr:
    """Upright lines only: its angle classifier costs time and reads upright pages slightly worse."""

    memory = 3 << 30
    """3 GiB: it fails at 1 GiB and needs more with every thread."""

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._engine: Any = None

    def load(self) -> None:
        try:
            package: Any = importlib.import_module("rapidocr")
        except ImportError:
            raise OcrError(MISSING, code="ocr_missing") from None
        models = Path(package.__file__).parent / "models"
        self._engine = package.RapidOCR(
            params={
                "Global.use_cls": False,
                "Global.log_level": "critical",
                "EngineConfig.onnxruntime.intra_op_num_threads": self._threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": model(models, "det"),
                "Rec.model_path": model(models, "rec"),
            }
        )

    def recognise(self, image: Image) -> list[Word]:
        numpy = importlib.import_module("numpy")
        # OpenCV's order of colours, which the models were trained on: blue, green, red
        try:
            found = self._engine(numpy.asarray(image.convert("RGB"))[:, :, ::-1], return_word_box=True)
        except Exception as error:
            raise OcrError(f"rapidocr failed ({type(error).__name__})") from None
        return [word for line in lines(found) for word in words_of(line, image.width, image.height)]


class Line(NamedTuple):
    """A line of text, and what the engine cut it into: Latin words, single characters of other scripts, or nothing."""

    whole: Piece
    pieces: list[Piece]

    def by_pieces(self) -> list[Piece]:
        """The words between spaces, each made of the pieces that spell it; empty if they do not."""
        rest, words = iter(self.pieces), []
        for word in self.whole[0].split():
            taken: list[Piece] = []
            while sum(len(text) for text, _, _ in taken) < len(word) and (piece := next(rest, None)):
                taken.append(piece)
            if "".join(text for text, _, _ in taken) != word:
                return []
            words.append((word, fmean(sure for _, sure, _ in taken), around(box for _, _, box in taken)))
        return words

    def by_length(self) -> list[Piece]:
        """The words between spaces, the line's width shared out by their letters."""
        text, sure, (x0, y0, x1, y1) = self.whole
        step = (x1 - x0) / max(len(text), 1)
        found = ((match[0], *match.span()) for match in re.finditer(r"\S+", text))
        return [(word, sure, (x0 + start * step, y0, x0 + end * step, y1)) for word, start, end in found]


def lines(found: Any) -> Iterator[Line]:
    """The engine's output, line by line; the pieces of lines are missing where it could not cut them."""
    if found.txts is None:
        return
    cuts = found.word_results if len(found.word_results) == len(found.txts) else [()] * len(found.txts)
    for quad, text, score, cut in zip(found.boxes, found.txts, found.scores, cuts):
        pieces = [(str(piece), float(sure), upright(corners)) for piece, sure, corners in cut if corners is not None]
        yield Line((text, float(score), upright(quad)), pieces)


def words_of(line: Line, width: int, height: int) -> Iterator[Word]:
    """The line's words, with boxes as fractions of a page of `width` by `height` pixels."""
    for text, confidence, (x0, y0, x1, y1) in line.by_pieces() or line.by_length():
        box = clamped((x0 / width, y0 / height, x1 / width, y1 / height))
        yield Word(text, box, min(max(confidence, 0.0), 1.0))


def upright(corners: Iterable[Sequence[float]]) -> Box:
    """The upright box around the corners of a slanted one."""
    xs, ys = zip(*corners)
    return float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))


def model(folder: Path, kind: str) -> str:
    """The path of the model of a kind (`det` finds lines, `rec` reads them) in the wheel; named outright, because
    rapidocr would fetch a missing one from the network. Raises `OcrError` `ocr_missing`."""
    found = sorted(folder.glob(f"*_{kind}_*.onnx"))
    if not found:
        raise OcrError(MISSING, code="ocr_missing")
    return str(found[-1])


ENGINE = RapidOcr
