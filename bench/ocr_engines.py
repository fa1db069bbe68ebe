"""The OCR engines that `bench.ocr` compares, each in a process that reads one scan after another: `python -m
bench.ocr_engines NAME THREADS` takes scans, each as a line `WIDTH HEIGHT` and so many pixels of three bytes, as ix's
own child gets a page without its file, and answers each by a line of JSON:

    {"words": [[text, box in pixels], …], "cpu": seconds, "wall": seconds, "memory": MiB}"""

from __future__ import annotations

import importlib
import io
import json
import resource
import shutil
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from PIL import Image

# nothing of ix: peers have an environment of their own
Box: TypeAlias = tuple[float, float, float, float]
Words: TypeAlias = list[tuple[str, Box]]
"""Texts, which may have spaces, with boxes in pixels."""
Reading: TypeAlias = Callable[[Image.Image], Words]


class Contender(NamedTuple):
    """An engine: whether it is installed, and what makes it, for so many threads."""

    is_there: Callable[[], object]
    made: Callable[[int], Reading]


def _own(name: str) -> Callable[[int], Reading]:
    """An engine of ix, used as a job's page is read."""

    def made(threads: int) -> Reading:
        ocr = importlib.import_module("ix.extraction.ocr")
        engine = ocr.engine(name, threads)

        def read(image: Image.Image) -> Words:
            grey = image.convert("L")
            words = ocr.recognise(engine, grey).words
            return [(one.text, _pixels(one.box, image)) for one in words]

        return read

    return made


def _pixels(box: Box, image: Image.Image) -> Box:
    return box[0] * image.width, box[1] * image.height, box[2] * image.width, box[3] * image.height


def _rapidocr(threads: int) -> Reading:
    """The package with its own settings, models and pipeline; told how many threads, and to say nothing."""
    runtime = "EngineConfig.onnxruntime"
    params = {"Global.log_level": "critical", f"{runtime}.intra_op_num_threads": threads}
    engine: Any = importlib.import_module("rapidocr").RapidOCR(params=params)
    numpy = importlib.import_module("numpy")

    def read(image: Image.Image) -> Words:
        found = engine(numpy.asarray(image.convert("RGB"))[:, :, ::-1])
        return [
            (text, _around(quad)) for text, quad in zip(found.txts or (), () if found.txts is None else found.boxes)
        ]

    return read


def _around(corners: Any) -> Box:
    xs, ys = zip(*corners)
    return float(min(xs)), float(min(ys)), float(max(xs)), float(max(ys))


def _tesseract(_: int) -> Reading:
    """The command with its own settings, English; OMP_THREAD_LIMIT says how many threads."""

    tesseract = importlib.import_module("ix.extraction.ocr.tesseract")

    def read(image: Image.Image) -> Words:
        table = tesseract.run(["-", "-", "-l", "eng", "tsv"], _png(image))
        return [(word.text, _pixels(word.box, image)) for word in tesseract.words(table, image.width, image.height)]

    return read


def _faster_paddle(threads: int) -> Reading:
    """The package with the models of the size that rapidocr has."""
    engine = importlib.import_module("faster_paddle").OcrEngine(model_size="small", threads=threads)

    def read(image: Image.Image) -> Words:
        found = engine.ocr(_png(image))["bounds"].values()
        return [(one["text"], (*_point(one["topLeftCoord"]), *_point(one["bottomRightCoord"]))) for one in found]

    return read


def _point(found: Any) -> tuple[float, float]:
    x, y = found.values() if isinstance(found, dict) else found
    return float(x), float(y)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def _package(name: str) -> Callable[[], object]:
    return lambda: find_spec(name)


CONTENDERS = {
    "ppocr": Contender(_package("rapidocr"), _own("ppocr")),
    "rapidocr": Contender(_package("rapidocr"), _own("rapidocr")),
    "tesseract": Contender(lambda: shutil.which("tesseract"), _own("tesseract")),
    "plain rapidocr": Contender(_package("rapidocr"), _rapidocr),
    "plain tesseract": Contender(lambda: shutil.which("tesseract"), _tesseract),
    "faster-paddle": Contender(_package("faster_paddle"), _faster_paddle),
}
"""ix's own engines go by their names; the others are what users would use instead."""


def serve(name: str, threads: int) -> None:
    """Reads the scans that come by standard input."""
    read = CONTENDERS[name].made(threads)
    # what is loaded when first used is no page's
    read(Image.new("RGB", (320, 120), "white"))
    for line in sys.stdin.buffer:
        width, height = map(int, line.split())
        image = Image.frombytes("RGB", (width, height), sys.stdin.buffer.read(3 * width * height))
        print(json.dumps(timed(read, image)), flush=True)


def timed(read: Reading, image: Image.Image) -> dict[str, Any]:
    """What was read, and what it cost."""
    began, cpu = time.perf_counter(), _processor_seconds()
    words = read(image)
    wall = time.perf_counter() - began
    # getrusage would count what the process that started this one held
    held = int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
    memory = max(held, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
    return {"words": words, "wall": wall, "cpu": _processor_seconds() - cpu, "memory": memory}


def _usages() -> list[resource.struct_rusage]:
    return [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]


def _processor_seconds() -> float:
    return sum(usage.ru_utime + usage.ru_stime for usage in _usages())


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]))
