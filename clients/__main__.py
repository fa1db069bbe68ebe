"""`python -m clients`: writes the generated types of the TypeScript client."""

from __future__ import annotations

from clients.types import SCHEMA, generated

SCHEMA.write_text(generated())
