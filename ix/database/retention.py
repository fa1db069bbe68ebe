"""Terms of retention: how long documents, results and jobs of a use case are kept, and entries of the audit log.

    the table, which administrators change ─┐
                                            ├─ the nearest one that says something ─▶ the terms that hold
    settings (IX_DOCUMENT_DAYS and others) ─┘

Of a use case its own row is asked first, then the settings that name it, then the row of all others (`*`), then the
settings of all others. Days count from a job's end; 0 keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from ix.config import Settings
from ix.config.limits import ALL_OTHERS
from ix.database.audit import entry_of
from ix.database.keys import Caller
from ix.database.repository import Repository

Kind = Literal["documents", "results", "jobs"]
KINDS: Sequence[Kind] = get_args(Kind)
"""In this order: what goes sooner is less work for what comes after it."""
MOST_TERMS = 1000
"""Use cases that may have terms of their own."""


class Terms(NamedTuple):
    """Days after a job's end: 0 keeps, None says nothing."""

    documents: float | None = None
    results: float | None = None
    jobs: float | None = None


class Rule(NamedTuple):
    """Something of the jobs of one use case, or of all but those that are named, goes after so many days."""

    kind: Kind
    days: float
    use_cases: Sequence[str]
    others: bool

    @property
    def name(self) -> str:
        """What tells it from other rules, whatever its days are."""
        return f"{self.kind} {ALL_OTHERS if self.others else self.use_cases[0]}"

    @property
    def is_of_all_jobs(self) -> bool:
        """Whether all jobs go after these days, of whatever use case."""
        return self.kind == "jobs" and self.others and not self.use_cases


def in_force(set_terms: Mapping[str, Terms], settings: Settings) -> Mapping[str, Terms]:
    """The terms that hold, by use case; those of all others are there always."""
    documents = {term.use_case: term.days for term in settings.document_days}
    given = {name: Terms(documents=days) for name, days in documents.items() if name != ALL_OTHERS}
    others = Terms(documents.get(ALL_OTHERS, 0.0), 0.0, settings.retention_days)
    nearest = [set_terms, given, {name: set_terms.get(ALL_OTHERS, Terms()) for name in {*set_terms, *given}}]
    found = {
        name: Terms(*(_first([where.get(name, Terms())[at] for where in nearest], others[at]) for at in range(3)))
        for name in sorted({*set_terms, *given} - {ALL_OTHERS})
    }
    own = set_terms.get(ALL_OTHERS, Terms())
    return {ALL_OTHERS: Terms(*(_first([own[at]], others[at]) for at in range(3))), **found}


def _first(values: Sequence[float | None], default: float | None) -> float | None:
    return next((value for value in values if value is not None), default)


def rules(terms: Mapping[str, Terms]) -> Sequence[Rule]:
    """What these terms ask for. A use case whose days are those of all others has no rule of its own."""
    found = []
    for at, kind in enumerate(KINDS):
        general = terms[ALL_OTHERS][at]
        named = sorted(name for name, own in terms.items() if own[at] != general)
        found += [Rule(kind, days, [name], others=False) for name in named if (days := terms[name][at])]
        found += [Rule(kind, general, named, others=True)] if general else []
    return found


class Retention(Repository):
    """The tables of terms. Engines read them once a minute."""

    _ALL = f"SELECT use_case, documents, results, jobs FROM retention ORDER BY use_case LIMIT {MOST_TERMS}"

    async def all(self) -> Mapping[str, Terms]:
        """What was set, by use case."""
        return {row["use_case"]: Terms(*list(row)[1:]) for row in await self._fetch(self._ALL)}

    _SET = """
        WITH made AS (
            INSERT INTO retention (use_case, documents, results, jobs)
            SELECT $1::text, $2::float8, $3::float8, $4::float8
            WHERE (SELECT count(*) FROM retention) < $5 OR EXISTS (SELECT FROM retention WHERE use_case = $1::text)
            ON CONFLICT (use_case) DO UPDATE SET documents = excluded.documents, results = excluded.results,
                jobs = excluded.jobs, set_at = clock_timestamp()
            RETURNING use_case
        )
        SELECT note_audit($6, NULL) FROM made"""

    async def set(self, use_case: str, terms: Terms, by: Caller | None = None) -> bool:
        """Sets the terms of a use case, or of all others, in place of those that it had; False where `MOST_TERMS` have
        some. `by`: whose doing it is, for the audit log."""
        entry = entry_of("retention.set", by, {"use_case": use_case, **terms._asdict()})
        return bool(await self._fetch(self._SET, use_case, *terms, MOST_TERMS, entry))

    _DROP = """
        WITH gone AS (DELETE FROM retention WHERE use_case = $1::text RETURNING use_case)
        SELECT note_audit($2, NULL) FROM gone"""

    async def drop(self, use_case: str, by: Caller | None = None) -> bool:
        """Lets the settings, or the terms of all others, say it again; False where none were set."""
        return bool(await self._fetch(self._DROP, use_case, entry_of("retention.drop", by, {"use_case": use_case})))

    _AUDIT = "SELECT days FROM audit_term"

    async def audit_days(self) -> float | None:
        """Days that entries of the audit log are kept; None where all of them are."""
        rows = await self._fetch(self._AUDIT)
        return rows[0]["days"] if rows else None

    _KEEP_AUDIT = """
        WITH gone AS (DELETE FROM audit_term WHERE $1::float8 IS NULL)
        SELECT note_audit($2, NULL)"""
    _SET_AUDIT = """
        INSERT INTO audit_term (days) VALUES ($1) ON CONFLICT ((true)) DO UPDATE SET days = excluded.days
        RETURNING note_audit($2, NULL)"""

    async def set_audit(self, days: float | None, by: Caller | None = None) -> None:
        """Lets entries of the audit log go after so many days, at least one; None keeps all. For the owner of the
        tables alone."""
        entry = entry_of("retention.audit", by, {"days": days})
        await self._fetch(self._KEEP_AUDIT if days is None else self._SET_AUDIT, days, entry)

    _ERASE_AUDIT = "SELECT erase_audit() AS erased"

    async def erase_audit(self) -> int:
        """Erases up to 500 of the oldest entries of the audit log that are past their term; how many they were."""
        return int((await self._fetch(self._ERASE_AUDIT))[0]["erased"])
