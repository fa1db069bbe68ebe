"""Check of the official rules for electronic invoices, where a setting names some."""

from __future__ import annotations

import time

from ix.cli.doctor.patient import Finding, Patient, fail, off, ok
from ix.errors import ConfigError, JobError
from ix.extraction.processes.children import ChildDied
from ix.extraction.rulebook import Rulebook


async def rules(patient: Patient) -> Finding:
    """The child that applies the rules compiles all of them."""
    if not (folder := patient.settings.einvoice_rules):
        return off("IX_EINVOICE_RULES names none: the arithmetic of electronic invoices is checked alone")
    book, began = Rulebook(patient.settings), time.perf_counter()
    try:
        book.check()
        files = await book.files()
    except ConfigError as error:
        return fail(str(error), "no engine starts with it")
    except (ChildDied, JobError) as error:
        return fail(
            f"the rules in {folder} cannot be compiled: {error}", "are they XSLT, as the rules' authors offer it?"
        )
    finally:
        await book.stop()
    return ok(f"{len(files)} rule files for electronic invoices, compiled in {time.perf_counter() - began:.1f} s")
