"""The command behind `make chaos` and `make abuse`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest


def main(suite: str, arguments: Sequence[str] | None = None) -> int:
    """Runs `tests/<suite>` at full size, or at a share of it (`--size=0.1`); words choose among its rows (-k). Gives
    pytest's exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    names = [one for one in arguments if not one.startswith("-")]
    options = [one for one in arguments if one.startswith("-")]
    chosen = ["-k", " or ".join(names)] if names else []
    return int(pytest.main(["-q", f"tests/{suite}", "--size=full", *options, *chosen]))
