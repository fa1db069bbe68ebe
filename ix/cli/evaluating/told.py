"""The figures as tables to read in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ix.cli.evaluating.comparison import Difference
from ix.cli.evaluating.grounding import ENOUGH
from ix.cli.evaluating.judging import ERRORS

SHARES = ("exact", "precision", "recall", "close")


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the report."""
    failed = ", ".join(f"{name} {count}" for name, count in sorted(found["failed"].items()))
    yield f"{found['use_case']}: {found['documents']} documents, {found['pages']} pages; failed: {failed or 'none'}"
    whole, placed = share(found["wholly_right"]), share(found["placed"])
    yield f"wholly right: {whole} of the documents; placed: {placed} of the values"
    yield ""
    columns = "".join(f"{name.replace('_', ' '):>11}" for name in (*SHARES, *ERRORS))
    yield f"{'field':24}{'labelled':>9}{columns}"
    for name, group in {**found["fields"], "all": found["all"]}.items():
        shares = "".join(f"{share(group[part]):>11}" for part in SHARES)
        # zeros everywhere would hide the errors that there are
        counts = "".join(f"{group[part] or '':>11}" for part in ERRORS)
        yield f"{name:24}{group['labelled']:>9}{shares}{counts}"
    for name, group in found["lists"].items():
        yield ""
        yield (
            f"{name}: {group['matched']} of {group['labelled']} labelled rows found, {group['answered']} answered, "
            f"F1 {share(group['f1'])}; cells: "
            + ", ".join(f"{column or 'value'} {share(part)}" for column, part in group["cells"].items())
        )
    yield from _confidence(found["confidence"])
    yield unmarked(found["unmarked"])
    if at := found.get("grounding"):
        yield (
            f"grounding: F1 {at['f1']:.3f} (value right, box right at IoU {ENOUGH}), {at['f1_overlapping']:.3f} (box "
            f"overlaps); {at['missed']} of {at['right']} right values miss their box"
        )
    yield "seconds a page: " + ", ".join(f"{step} {took}" for step, took in sorted(found["seconds_a_page"].items()))


def _confidence(found: Mapping[str, Any]) -> Iterator[str]:
    yield ""
    if found["values"]:
        yield (
            f"confidence of {found['values']} values: AUROC {plain(found['auroc'])}, ECE {plain(found['ece'])}; right "
            f"among the surest 80 %: {share(found['precision_at_80'])}; coverage at 97 %: "
            f"{share(found['coverage_at_97'])}, at 99 %: {share(found['coverage_at_99'])}"
        )


def unmarked(found: Mapping[str, Any]) -> str:
    """What passes without a point, in a sentence."""
    return (
        f"without a point: {share(found['passed'])} of the answered values, of which {share(found['wrong'])} are wrong "
        f"(95 %: {share(found['low'])} to {share(found['high'])}); {share(found['straight'])} of the documents"
    )


def compared(found: Sequence[Difference]) -> Iterator[str]:
    """The lines of a comparison."""
    yield f"\n{'field':24}{'values':>8}{'this':>9}{'other':>9}{'difference, 95 % between':>32}"
    for one in found:
        mark = "  *" if one.is_clear else ""
        between = f"{one.this - one.other:+.1%}   {one.low:+.1%} to {one.high:+.1%}"
        yield f"{one.name:24}{one.values:>8}{one.this:>9.1%}{one.other:>9.1%}{between:>32}{mark}"
    yield "* is no chance"


def failures(values: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Every value that is not right."""
    for one in values:
        if one["verdict"] != "right":
            yield f"{one['file']}  {one['field']}  {one['verdict']}  label={one['label']!r}  answer={one['answer']!r}"


def share(figure: float | None) -> str:
    """A share as a percentage; a dash where there is nothing to count."""
    return "–" if figure is None else f"{figure:.1%}"


def plain(figure: float | None) -> str:
    """A figure with three decimals; a dash where there is none."""
    return "–" if figure is None else f"{figure:.3f}"
