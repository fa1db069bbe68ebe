"""Documents for LangChain."""

from __future__ import annotations

import pytest

from ix.client import Client, ClientError
from ix.client.langchain import IxLoader
from tests.extraction.pdfs import PARAGRAPH, Sheet, line, pdf


def test_pages_come_with_the_answer(ix: Client) -> None:
    two = pdf(Sheet(PARAGRAPH), Sheet(PARAGRAPH + line("Total 12.50", y=400)))
    loader = IxLoader(ix, [("two.pdf", two), ("one.pdf", pdf(Sheet(line("Total 7.00"))))], "receipt")
    pages = loader.load()
    assert [(page.metadata["source"], page.metadata["page"]) for page in pages] == [
        ("two.pdf", 1), ("two.pdf", 2), ("one.pdf", 1),
    ]  # fmt: skip
    assert [page.metadata["result"]["total"] for page in pages] == [12.5, 12.5, 7.0]
    assert pages[1].page_content.splitlines()[-1] == "Total 12.50"
    assert pages[2].metadata["evidence"]["total"]["quote"] == "7.00"
    # the same documents again are the same jobs
    assert [page.metadata["ix_id"] for page in loader.lazy_load()] == [page.metadata["ix_id"] for page in pages]


def test_a_document_without_an_answer_is_an_error(ix: Client) -> None:
    with pytest.raises(ClientError, match="has no answer"):
        IxLoader(ix, [("a.pdf", b"%PDF-1.4 is none")], "receipt").load()
