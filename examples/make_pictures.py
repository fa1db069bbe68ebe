"""Makes the pictures of `docs/img`: the sample documents, read with the settings of the environment, and their evidence
drawn on them.

python -m examples.make_pictures [folder]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from ix import use_cases
from ix.config import Settings
from ix.extraction.annotate import annotate, marks_of
from ix.extraction.page import Document
from ix.extraction.pipeline import Extractor
from ix.use_cases import Extraction

HERE = Path(__file__).parent
SAMPLES = {"receipt.jpg": "receipt", "invoice.pdf": "invoice"}


async def picture(extractor: Extractor, file: str, name: str) -> bytes:
    """The first page of a sample with its evidence, as PNG."""
    use_case, document = use_cases.load()[name], Document((HERE / file).read_bytes(), file)
    assert isinstance(use_case, Extraction)
    response = await extractor.extract([document], use_case.schema, use_case.instructions, result_model=use_case.result)
    return annotate(await extractor.reader.image(document, 1, dpi=160), marks_of(response.result, response.evidence))


async def main() -> None:
    """Writes the pictures into the folder named, or into `docs/img`."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent / "docs" / "img"
    extractor = Extractor.create(Settings.from_env())
    await extractor.start()
    try:
        for file, name in SAMPLES.items():
            (folder / f"{name}-annotated.png").write_bytes(await picture(extractor, file, name))
    finally:
        await extractor.stop()


if __name__ == "__main__":
    asyncio.run(main())
