"""How values and labels agree. Abstentions are counted as errors and shown beside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from signals.validation.agreement import Measured, kappa

ABSTAINED = "abstained"


@dataclass(frozen=True)
class Score:
    """Agreement on one set: all figures over all `n` texts, abstentions as a value of their own."""

    n: int
    abstained: float
    accuracy: float
    macro_f1: float
    kappa: Measured
    by_value: dict[str, tuple[float | None, float | None, int]]
    """value → precision, recall, texts labelled so; None where nothing was there to measure."""


def score(pairs: Sequence[tuple[str | None, str]]) -> Score:
    """Pairs of (value given, label)."""
    given = [(value or ABSTAINED, label) for value, label in pairs]
    n = len(given)
    labels = sorted({label for _, label in given})
    by_value, f1 = {}, []
    for label in labels:
        said = sum(value == label for value, _ in given)
        are = sum(wanted == label for _, wanted in given)
        right = sum(value == wanted == label for value, wanted in given)
        by_value[label] = (right / said if said else None, right / are if are else None, are)
        f1.append(2 * right / (said + are))
    return Score(
        n=n,
        abstained=sum(value == ABSTAINED for value, _ in given) / n,
        accuracy=sum(value == label for value, label in given) / n,
        macro_f1=sum(f1) / len(f1),
        kappa=kappa(Counter((value, label) for value, label in given)),
        by_value=by_value,
    )
