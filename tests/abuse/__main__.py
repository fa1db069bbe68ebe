"""`python -m tests.abuse [--size=SHARE] [NAME…]`: all rows at full size, or at a share of it such as 0.1; names choose
among them (-k)."""

from __future__ import annotations

import sys

from tests.suite import main

if __name__ == "__main__":
    sys.exit(main("abuse"))
