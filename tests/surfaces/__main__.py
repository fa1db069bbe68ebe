"""`python -m tests.surfaces` writes down every public surface as it is now."""

from __future__ import annotations

import asyncio

from tests import databases
from tests.surfaces import SURFACES, file_of, sql, text_of


def main() -> None:
    for surface, facts in SURFACES.items():
        file_of(surface).write_text(text_of(facts()))
    with databases.cloned() as url:
        file_of("sql").write_text(text_of(asyncio.run(sql.facts(url))))


if __name__ == "__main__":
    main()
