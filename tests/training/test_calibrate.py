"""Calibration: from samples to the weights that the package reads, and how they are judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ix.extraction.confidence.signs import OF_ALL, OF_KINDS
from ix.extraction.confidence.weights import of
from training import calibrate
from training.calibrating.fitting import fitted
from training.calibrating.made import ORIGIN
from training.calibrating.samples import Sample
from training.documents import Labelled


def sample(at: int, right: bool, close: float, kind: str = "date", origin: str = "receipts", **more: bool) -> Sample:
    document = Labelled(f"{origin}/{at}", origin, f"issuer {at % 7}", (), {})
    of_kind = dict.fromkeys(OF_KINDS.get(kind, {}), 0.0)
    marks = {"is_field": True, "is_point": False, **more}
    return Sample(document, "x", kind, {**dict.fromkeys(OF_ALL, 0.0), "close": close}, of_kind, 0.5, right, **marks)


def known() -> list[Sample]:
    """Values that are wrong where another candidate is close."""
    return [sample(at, at % 10 != 0, 0.2) for at in range(100)] + [sample(at, at % 10 < 3, 0.9) for at in range(100)]


def test_what_is_wrong_more_often_gets_a_lower_probability() -> None:
    weights = of(fitted(known()))
    sure, unsure = (weights.probability("date", {"close": close}, {}) for close in (0.2, 0.9))
    assert sure == pytest.approx(0.9, abs=0.05)
    assert unsure == pytest.approx(0.3, abs=0.05)
    assert set(weights.all) == set(OF_ALL)


def test_made_up_documents_count_less() -> None:
    made = [sample(at, False, 0.2, origin=ORIGIN) for at in range(100)]
    printed = [sample(at, False, 0.2, origin="other") for at in range(100)]
    alone, less, more = (of(fitted([*known(), *extra])) for extra in ([], made, printed))
    shares = [one.probability("date", {"close": 0.2}, {}) for one in (alone, less, more)]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] - shares[1] < 0.2 < shares[0] - shares[2]


def test_the_same_samples_give_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = []
    for name in ("a", "b"):
        monkeypatch.setattr(calibrate, "FILE", tmp_path / name)
        calibrate.write(fitted(known()), calibrate.counts(known(), [0.9] * 200), 200, 200)
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    weights = of(json.loads(written[0]))
    assert dict(weights.scores) == {"date": {"0.900": [120, 80]}}  # type: ignore[comparison-overlap]


def test_only_fields_that_nothing_else_marks_are_counted() -> None:
    asked = [sample(1, True, 0), sample(2, True, 0, is_field=False), sample(3, False, 0, is_point=True)]
    assert calibrate.counts(asked, [0.5, 0.5, 0.5]) == {"date": {"0.500": [1, 0]}}


def test_nobody_is_judged_by_weights_that_have_seen_them() -> None:
    """Of a source whose values are right where those of the others are wrong, the others know nothing."""
    asked = [sample(at, at % 10 != 0, 0.1, origin="a") for at in range(60)]
    asked += [sample(at, at % 10 == 0, 0.1, origin="b") for at in range(60)]
    scores = calibrate.judged(asked, asked, calibrate.source_of)
    assert max(scores[:60]) < 0.3
    assert min(scores[60:]) > 0.7
    lines = list(calibrate.table("title", asked, scores))
    assert lines[-1].split()[:2] == ["all", "120"]
    pairs = [*zip(asked, scores, strict=True)]
    told = "\n".join(calibrate.risks(pairs, pairs, calibrate.source_of))
    assert "all of these" in told
