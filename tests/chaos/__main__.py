"""`python -m tests.chaos [--chaos=SHARE] [NAME…]`: all rows at full size, or at a share of it such as 0.1; names choose among them (-k)."""

from __future__ import annotations

import sys

import pytest


def main(arguments: list[str]) -> int:
    """Runs the suite; the exit code is pytest's."""
    names = [name for name in arguments if not name.startswith("-")]
    options = [option for option in arguments if option.startswith("-")]
    chosen = ["-k", " or ".join(names)] if names else []
    return int(pytest.main(["-q", "tests/chaos", "--chaos=full", *options, *chosen]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
