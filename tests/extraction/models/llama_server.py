"""llama.cpp's server with the tiny model, or any other, in a process of its own:
`python -m tests.extraction.models.llama_server MODEL CONTEXT KEY THREADS EYES`.

It ends when its standard input does, so that it cannot outlive its test run.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.extraction.models import tiny_gguf

MODEL = "tiny"
ABSENT = "absent"
ROOT = Path(__file__).parents[3]


class NoServerError(Exception):
    """xllamacpp has no wheel for this platform."""


@contextmanager
def or_skip(folder: Path, key: str = "") -> Iterator[str]:
    """A running server; skips the test, saying why, where there is none for the platform."""
    try:
        with running(folder, key=key) as url:
            yield url
    except NoServerError as error:
        pytest.skip(f"no llama.cpp server on this platform: {error}")


@contextmanager
def running(folder: Path, context: int = tiny_gguf.CONTEXT, key: str = "") -> Iterator[str]:
    """The base address of a server, up to and with /v1; it asks for `key` if there is one. Raises `NoServerError`."""
    with running_model(tiny_gguf.write(folder / "tiny.gguf"), context, key) as url:
        yield url


@contextmanager
def running_model(model: Path, context: int, key: str = "", threads: int = 1, eyes: str = "") -> Iterator[str]:
    """The base address of a server with this model, which it calls `MODEL`; `eyes` is the file of its vision encoder,
    if it has one. Raises `NoServerError`."""
    command = [sys.executable, "-m", __name__, str(model), str(context), key, str(threads), eyes]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        said = next((line.strip() for line in process.stdout if line.startswith(("http", ABSENT))), "")
        if not said.startswith("http"):
            raise NoServerError(said or "llama.cpp's server did not start")
        try:
            yield f"{said}/v1"
        finally:
            process.stdin.close()
            process.stdout.close()


def serve(model: str, context: int, key: str, threads: int, eyes: str) -> None:
    """Serves until standard input ends."""
    try:
        import xllamacpp
    except ImportError as error:
        print(ABSENT, error, flush=True)
        return
    params = xllamacpp.CommonParams()
    params.model.path = model
    params.model_alias = {MODEL}
    params.mmproj.path = eyes
    params.mmproj_use_gpu = False
    params.n_ctx = context
    params.n_parallel = 1
    params.cpuparams.n_threads = threads
    params.warmup = False
    params.api_keys = [key] if key else []
    server = xllamacpp.Server(params)
    print(server.listening_address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5])
