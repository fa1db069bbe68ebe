"""`python -m training.calibrate DATA`: what makes a confidence a probability, fitted and judged.

DATA is a folder with labelled sets (`training.documents.SETS`). Every document is answered by weights of the rules that
have not seen its issuer, so that the signs are those of documents which nobody has seen; the weights of the signs are
fitted to all of them and to made-up ones, and judged twice: on issuers that were kept apart, and on sources that were
kept apart. The table has the product of doubts before, and the probability after. Then `weights.json` is written,
unless `--dry`: the same for the same documents and rules. To be run again whenever the rules have changed."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from ix.cli.evaluating import curves
from ix.extraction.confidence import risk
from ix.extraction.confidence.weights import FILE, Counts, of
from training.calibrating.fitting import Written, fitted
from training.calibrating.made import made
from training.calibrating.samples import Sample, samples
from training.documents import SETS, Labelled, labelled
from training.unseen import without

RISKS = (0.01, 0.02, 0.03, 0.05)
FOLDS = 5
Group = Callable[[Labelled], str]


def issuer_of(document: Labelled) -> str:
    """One of five folds, the same for all documents of an issuer."""
    return str(int(hashlib.sha256(document.issuer.encode()).hexdigest(), 16) % FOLDS)


def source_of(document: Labelled) -> str:
    """Where a document comes from: parts of one data set are one source."""
    return document.origin.replace("receipts-more", "receipts")


def set_of(document: Labelled) -> str:
    """The labelled set of a document."""
    return document.name.rpartition("/")[0]


def main(arguments: Sequence[str] | None = None) -> None:
    """Fits, judges and writes."""
    parser = argparse.ArgumentParser(prog="python -m training.calibrate", description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the labelled sets")
    parser.add_argument("--pages", type=Path, default=Path(".ix/pages"), help="where pages that were read are kept")
    parser.add_argument("--dry", action="store_true", help="print the tables, write nothing")
    options = parser.parse_args(arguments)
    documents = labelled(options.data, options.pages, SETS)
    extra = [each for one in made() for each in samples(one)]
    by_issuer = read(documents, issuer_of)
    print(f"{len(documents)} documents, {len(by_issuer)} values; {len(extra)} of made-up documents")
    scores = judged(by_issuer, [*by_issuer, *extra], issuer_of)
    print("\n".join(table("as the place step has it, without weights", by_issuer, [one.before for one in by_issuer])))
    print("\n".join(table("issuers kept apart", by_issuer, scores)))
    by_source = read(documents, source_of)
    of_others = judged(by_source, [*by_issuer, *extra], source_of)
    print("\n".join(table("sources kept apart", by_source, of_others)))
    print("\n".join(risks(_judged(by_source, of_others), _judged(by_issuer, scores), source_of)))
    if not options.dry:
        write(fitted([*by_issuer, *extra]), counts(by_issuer, scores), len(documents), len(by_issuer))


def read(documents: Sequence[Labelled], group_of: Group) -> list[Sample]:
    """What the rules answer of each document by weights that were fitted without its group."""
    found = []
    for group in sorted({group_of(one) for one in documents}):
        with without([one for one in documents if group_of(one) != group]):
            found += [each for one in documents if group_of(one) == group for each in samples(one)]
    return found


def judged(asked: Sequence[Sample], known: Sequence[Sample], group_of: Group) -> list[float]:
    """The probability of each sample by weights that were fitted to the `known` ones of other groups."""
    groups = sorted({group_of(one.document) for one in asked})
    made = {group: of(fitted([one for one in known if group_of(one.document) != group])) for group in groups}
    return [made[group_of(one.document)].probability(one.kind, one.signs, one.of_kind) for one in asked]


def table(title: str, asked: Sequence[Sample], scores: Sequence[float]) -> Iterator[str]:
    """By labelled set, and over all: how much the confidences say. Cells of lists are left out."""
    yield f"\n{title}"
    yield f"  {'':18}{'values':>7}{'right':>8}{'AUROC':>8}{'at 80 %':>9}{'at 97 %':>9}{'at 99 %':>9}{'ECE':>7}"
    rows = [
        (set_of(one.document), (score, one.right)) for one, score in zip(asked, scores, strict=True) if one.is_field
    ]
    for name in (*dict.fromkeys(name for name, _ in rows), "all"):
        pairs = [pair for own, pair in rows if name in (own, "all")]
        share = sum(right for _, right in pairs) / len(pairs)
        figures = (
            f"{curves.auroc(pairs) or 0:8.3f}{curves.precision_at(pairs, 0.8) or 0:9.1%}"
            f"{curves.coverage_at(pairs, 0.97):9.1%}{curves.coverage_at(pairs, 0.99):9.1%}{curves.ece(pairs) or 0:7.3f}"
        )
        yield f"  {name:18}{len(pairs):7}{share:8.1%}{figures}"


def counts(asked: Sequence[Sample], scores: Sequence[float]) -> dict[str, dict[str, list[int]]]:
    """Right and wrong values by kind and confidence, as `ix.extraction.confidence.weights` keeps them: fields alone,
    and of these only such as nothing but a doubt makes a point."""
    found: dict[str, dict[str, list[int]]] = {}
    for one, score in zip(asked, scores, strict=True):
        if one.is_field and not one.is_point:
            found.setdefault(one.kind, {}).setdefault(f"{score:.3f}", [0, 0])[not one.right] += 1
    return {kind: dict(sorted(of_kind.items())) for kind, of_kind in sorted(found.items())}


def risks(
    asked: Sequence[tuple[Sample, float]], known: Sequence[tuple[Sample, float]], group_of: Group
) -> Iterator[str]:
    """For each risk: what share of a source passes the bar that the other sources give, and how many of these are
    wrong; and over all sources together, with the interval that 95 % of such samples have. The `asked` have the
    confidences of weights that have not seen their source, the `known` of such that have not seen their issuer."""
    yield f"\n{'risk':>6}  {'source kept apart':40}{'bar':>7}{'passed':>9}{'wrong':>14}{'95 %':>18}"
    for wanted in RISKS:
        passed = wrong = 0
        for group in sorted({group_of(one.document) for one, _ in asked}):
            own = [pair for pair in asked if group_of(pair[0].document) == group]
            bar = risk.bar_of(wanted, _counts([pair for pair in known if group_of(pair[0].document) != group]))
            above = [one for one, score in own if bar and score >= bar.bar]
            missed = _wrong(above)
            passed, wrong = passed + len(above), wrong + missed
            yield _risk(wanted, group, bar.bar if bar else None, len(above), len(own), missed)
        yield _risk(wanted, "all of these", None, passed, len(asked), wrong)
        if bar := risk.bar_of(wanted, _counts(known)):
            above = [one for one, score in known if score >= bar.bar]
            yield _risk(wanted, "issuers kept apart, one bar", bar.bar, len(above), len(known), _wrong(above))


def _judged(asked: Sequence[Sample], scores: Sequence[float]) -> list[tuple[Sample, float]]:
    """What a bar may pass: fields that nothing but a doubt makes a point."""
    return [pair for pair in zip(asked, scores, strict=True) if pair[0].is_field and not pair[0].is_point]


def _wrong(asked: Sequence[Sample]) -> int:
    return sum(not one.right for one in asked)


def _counts(pairs: Sequence[tuple[Sample, float]]) -> Counts:
    return counts([one for one, _ in pairs], [score for _, score in pairs])  # type: ignore[return-value]


def _risk(wanted: float, name: str, bar: float | None, passed: int, of_all: int, wrong: int) -> str:
    shown = "none" if bar is None else f"{bar:.3f}"
    between = f"{risk.lower_bound(wrong, passed, 0.025):.1%} to {risk.upper_bound(wrong, passed, 0.025):.1%}"
    share = wrong / passed if passed else 0.0
    return f"{wanted:6.0%}  {name:40}{shown:>7}{passed / of_all:9.1%}{wrong:6} ({share:5.1%}){between:>18}"


def write(weights: Written, seen: Counts | dict[str, dict[str, list[int]]], documents: int, values: int) -> None:
    """Writes the file of the package: a line a member, so that what changed can be seen."""
    made = {"made": f"python -m training.calibrate: {documents} documents, {values} values", **weights, "scores": seen}
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in made.items())
    FILE.write_text(f"{{\n{lines}\n}}\n")


if __name__ == "__main__":
    main()
