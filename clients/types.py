"""The types of the TypeScript client, which openapi-typescript makes out of the service's own description."""

from __future__ import annotations

import json
import subprocess
import tempfile
from pathlib import Path

from ix import use_cases
from ix.api.app import ROUTES
from ix.api.openapi.document import document

FOLDER = Path(__file__).parent / "typescript"
SCHEMA = FOLDER / "src" / "schema.d.ts"
PROGRAM = FOLDER / "node_modules" / ".bin" / "openapi-typescript"
"""Of npm: `make node` installs it."""


def generated() -> str:
    """The types, as they should stand in `SCHEMA`. Raises `CalledProcessError`, `FileNotFoundError` without npm's
    part."""
    # an address is no part of a type, and would be another one each time
    described = document(ROUTES, "http://127.0.0.1:8080", use_cases.load("", drill=False))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "openapi.json"
        source.write_text(json.dumps(described))
        done = subprocess.run([PROGRAM, source], check=True, capture_output=True, text=True, cwd=FOLDER)
    return done.stdout
