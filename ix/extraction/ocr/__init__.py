"""OCR engines. Everything here runs in a child process.

To add an engine, add a module to this folder with an `ENGINE`: a class that satisfies `OcrEngine`; the module's name is
the engine's, and what `IX_OCR` says. Nothing else names it, and the contract test picks it up. Its library is imported
in `load`, since the process that starts the children looks at the class as well. Modules that help engines start with
an underscore. An engine reads upright pages; rotating a page that is not is done here, for those that do not do it
themselves (`recognise_rotated`).

As the task of a child (`handle`), it answers two calls, the first with 8-bit grey samples and the codes among them:

    {"do": "read", "engine", "threads", "width", "height"}
        {"rotation": degrees, "confidence": mean, "warnings": [text, …]} and the words, see `ReadPage`
    {"do": "probe", "engine", "threads"}
        {"works": true}
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from ix.errors import OcrError
from ix.extraction.page import Quad, Word, packed_words, rotated, unpacked
from ix.extraction.processes.frames import Body, Frame
from ix.extraction.words import held

if TYPE_CHECKING:
    from PIL.Image import Image

ROTATIONS = (0, 180, 90, 270)
"""Clockwise, degrees, in the order in which they are tried: scanners mostly feed pages upright or head first."""
DOUBTFUL = 0.85
"""Mean confidence below which a page may not be upright. Upright pages score 0.9 and more, even poor ones."""
TELLING = 3
"""Letters from which a word is wider than tall when it is upright."""


class Reading(NamedTuple):
    """What was read of a page: its words, and the clockwise rotation in degrees after which it is upright; their boxes
    are those on the upright page. Where that lies askew, they are those on the page made straight, see `quad`.
    `remarks` are warnings."""

    words: list[Word]
    rotation: int = 0
    quad: Quad | None = None
    remarks: tuple[str, ...] = ()


class OcrEngine(Protocol):
    """An OCR engine. `threads` is how many processors it may use; `memory` limits the address space of a process that
    runs it, bytes, None where it needs no limit. One that starts programs says so by `programs = True`, or may not;
    one that is of no use without a device says so by `device = True`; one whose models are in a distribution of another
    name than the module's says so by `package`."""

    memory: int | None

    def __init__(self, threads: int) -> None: ...

    def load(self) -> None:
        """Loads models, never from the network. Raises `OcrError` `ocr_missing`, saying how to install what is."""

    def recognise(self, image: Image) -> list[Word]:
        """The words of an upright page in reading order, boxes as fractions of the image, confidence 0..1. Raises
        `OcrError`."""


@runtime_checkable
class RotatingEngine(OcrEngine, Protocol):
    """An OCR engine that finds out how a page lies at less cost than by reading it each way."""

    def recognise_rotated(self, image: Image) -> Reading:
        """The words of a page that may lie on its side or head, or askew. Raises `OcrError`."""


def engines() -> list[str]:
    """The names of the engines: the modules of this folder, none of which is imported."""
    return sorted(name for _, name, _ in pkgutil.iter_modules(__path__) if not name.startswith("_"))


def memory(name: str) -> int | None:
    """What a process that runs the engine may take, bytes of address space; None for no limit, or for no engine."""
    return _engine_class(name).memory if name in engines() else None


def starts_programs(name: str) -> bool:
    """Whether the engine is a program, or starts one."""
    return name in engines() and bool(getattr(_engine_class(name), "programs", False))


def needs_device(name: str) -> bool:
    """Whether the engine is of no use on this machine without a device, so that nobody should begin with it."""
    return name in engines() and bool(getattr(_engine_class(name), "device", False))


def package(name: str) -> str:
    """The distribution whose version changes what the engine reads: the one that has its models."""
    return str(getattr(_engine_class(name), "package", name)) if name in engines() else name


@cache
def engine(name: str, threads: int) -> OcrEngine:
    """The engine, its models loaded, made once in a process. Raises `OcrError` `ocr_missing`."""
    if name not in engines():
        raise OcrError(f"there is no OCR engine {name}; there are {', '.join(engines())}", code="ocr_missing")
    made = _engine_class(name)(threads)
    made.load()
    return made


def _engine_class(name: str) -> type[OcrEngine]:
    found: type[OcrEngine] = importlib.import_module(f"{__name__}.{name}").ENGINE
    return found


def handle(body: Body, blobs: list[bytes]) -> Frame:
    """The task of a child: reads a page or tries the engine, as the module says. Raises `OcrError`."""
    from PIL import Image

    loaded = engine(body["engine"], body["threads"])
    if body["do"] == "probe":
        return {"works": works(loaded)}, []
    image = Image.frombytes("L", (body["width"], body["height"]), blobs[0])
    words, rotation, quad, remarks = recognise(loaded, image)
    kept, warnings = held(words)
    head = {"rotation": rotation, "confidence": round(confidence(words), 4), "warnings": [*remarks, *warnings]}
    # codes were found by whoever drew the page, before it was known how it lies
    codes = [replace(code, box=rotated(code.box, rotation)) for packed in blobs[1:] for code in unpacked(packed)[1]]
    return head, [packed_words(kept, codes, quad)]


def recognise(engine: OcrEngine, image: Image) -> Reading:
    """What the engine reads of a page that may lie on its side or head. One that is hard to read whichever way it is
    rotated is taken the way that gives most."""
    if isinstance(engine, RotatingEngine):
        return engine.recognise_rotated(image)
    # reading once more takes seconds, so the first that is surely upright ends the search
    best = Reading([])
    for rotation in ROTATIONS:
        # Pillow counts counter-clockwise
        words = engine.recognise(image.rotate(-rotation, expand=True) if rotation else image)
        sideways = stands(words, image.height / image.width if rotation % 180 else image.width / image.height)
        if not sideways and (not words or confidence(words) >= DOUBTFUL):
            return Reading(words, rotation)
        if not sideways and legibility(words) > legibility(best.words):
            best = Reading(words, rotation)
    return best


def stands(words: Sequence[Word], ratio: float) -> bool:
    """Whether most words are taller than wide, on a page whose width is `ratio` times its height."""
    # boxes are fractions, so heights and widths are compared in the page's own proportions
    telling = [word.box for word in words if len(word.text) >= TELLING]
    standing = sum(y1 - y0 > (x1 - x0) * ratio for x0, y0, x1, y1 in telling)
    return standing * 2 > len(telling)


def confidence(words: Sequence[Word]) -> float:
    """Mean confidence, longer words counting for more."""
    return sum(word.confidence * len(word.text) for word in words) / max(sum(len(word.text) for word in words), 1)


def legibility(words: Sequence[Word]) -> float:
    """How well a page was read: letters, weighed by a power of their confidence that makes guesses count for little (a
    half counts for a sixteenth)."""
    return sum(len(word.text) * word.confidence**4 for word in words)


def works(engine: OcrEngine) -> bool:
    """Whether the engine reads a small page drawn here; many load their models at the first use only, so nothing less
    tells."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("L", (320, 120), "white")
    ImageDraw.Draw(image).text((160, 60), "TOTAL 2024", "black", ImageFont.load_default(36), anchor="mm")
    return "".join(word.text for word in engine.recognise(image)) == "TOTAL2024"
