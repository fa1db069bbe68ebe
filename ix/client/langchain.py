"""A document loader for LangChain (extra `langchain`): the text of each page as a person sees it, the values and their
evidence beside it.

    from ix.client import Client
    from ix.client.langchain import IxLoader

    with Client("http://127.0.0.1:8080", client_id="me") as ix:
        for page in IxLoader(ix, ["invoice.pdf"], "invoice").lazy_load():
            print(page.page_content, page.metadata["result"])
"""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from ix.client.errors import ClientError, NotFound
from ix.client.operations import Source
from ix.client.shells import Client
from ix.job import Job, Status

PAGE_BREAK = "\f"
"""What stands between pages in a job's text."""
STORED_SECONDS, PAUSE_SECONDS = 10.0, 0.1
"""How long pages may take to be stored, and the time between two looks."""


class IxLoader(BaseLoader):
    """Hands each document over as a job of its own, and gives its pages once it is answered. The same document again is
    the same job, which the service has the answer of."""

    def __init__(
        self, client: Client, documents: Sequence[Source], use_case: str, options: Mapping[str, Any] | None = None
    ) -> None:
        self._client, self._documents, self._use_case, self._options = client, documents, use_case, options

    def lazy_load(self) -> Iterator[Document]:
        """The pages, document by document. `metadata` is `source` (the document's name), `page` (1-based), `ix_id`,
        `use_case`, and the `result` and `evidence` of the whole document. Raises `ClientError`, and for a job that ends
        without an answer too, `OSError` for a file."""
        # all at once, so that engines work while the first ones are waited for
        for job in [self._client.submit([one], self._use_case, options=self._options) for one in self._documents]:
            yield from self._pages(self._client.wait(job))

    def _pages(self, job: Job) -> Iterator[Document]:
        if job.status is not Status.DONE or job.response is None:
            why = job.response.error.message if job.response and job.response.error else job.status.value
            raise ClientError(0, f"job {job.ix_id} has no answer: {why}")
        text = self._text(job)
        about = {"ix_id": job.ix_id, "use_case": job.use_case}
        answer = {"result": job.response.result, "evidence": job.response.evidence}
        source = job.request.documents[0].name or ""
        for number, page in enumerate(text.split(PAGE_BREAK), 1):
            yield Document(page_content=page, metadata={"source": source, "page": number, **about, **answer})

    def _text(self, job: Job) -> str:
        """The text of its pages, which are stored in their own time, within a moment of the job's end."""
        until = time.monotonic() + STORED_SECONDS
        while True:
            try:
                text = io.BytesIO()
                self._client.take(job, "text", text)
                return text.getvalue().decode()
            except NotFound:
                if time.monotonic() > until:
                    raise
                time.sleep(PAUSE_SECONDS)
