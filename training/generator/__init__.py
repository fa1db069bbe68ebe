"""Labelled documents that nobody wrote: invoices, receipts, statements and others, of made-up companies, in many
languages and layouts, as pages that were read or as PDFs.

    words/*.toml ──World──▶ who, where, what, how much ──kinds──▶ sheets (runs of print) ──▶ pages, with noise
                                                            └──▶ gold (typed values)     └──▶ PDFs

    from training.generator import documents

    for document in documents("invoice", count=1000, seed=7, noise=0.5):
        document.pages, document.gold

The same seed gives the same documents. `layouts` is `train` or `test`: families of layouts and the words beside values
of the one are not those of the other, so that what is fitted to the one is judged by the other. The words are not those
of `ix.languages`: they were written as people print them.

    python -m training.generator --kind bank_statement --count 100 --out FOLDER

writes `gold.jsonl` and the documents as `ix eval` reads them."""

from training.generator.making import KINDS, Made, documents

__all__ = ["KINDS", "Made", "documents"]
