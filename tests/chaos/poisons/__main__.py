"""`python -m tests.chaos.poisons engine`: the command `ix` with the use case `poison`, and with 8 GiB of addresses at
most."""

from __future__ import annotations

import resource
from pathlib import Path

from ix import use_cases
from ix.cli import main

resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
use_cases.__path__.append(str(Path(__file__).parent))
main()
