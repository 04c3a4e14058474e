"""How far two judges agree: intervals of shares, Cohen's kappa, and how many labels a target needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist

Z = NormalDist().inv_cdf(0.975)
"""Two-sided 95 %."""

MOST_LABELS = 1_000_000
"""Where a target would need more labels than this, it is out of reach."""


@dataclass(frozen=True)
class Measured:
    """A share or kappa with its 95 % interval; `labels` is what it rests on. Null where nothing is measured."""

    value: float | None
    low: float | None
    high: float | None
    labels: int


def wilson(successes: int, trials: int) -> Measured:
    """A share with Wilson's score interval (Wilson 1927), which holds for small and extreme counts."""
    if trials == 0:
        return Measured(None, None, None, 0)
    share = successes / trials
    low, high = _wilson(share, trials)
    return Measured(share, low, high, trials)


def kappa(table: Mapping[tuple[str, str], int]) -> Measured:
    """
    Cohen's kappa of a table of counts by (first judge, second judge), with its 95 % interval.

    The variance is that of Fleiss, Cohen and Everitt (1969, Psychological Bulletin 72, 323–327), eq. 13. Where the
    judges never differ it is nought and says nothing, so the lower end then takes Wilson's lower bound of the
    agreement seen, with chance agreement as it was. Null where both judges know one value only.
    """
    labels = sum(table.values())
    if labels == 0:
        return Measured(None, None, None, 0)
    share = {pair: count / labels for pair, count in table.items() if count}
    first = _margin(share, 0)
    second = _margin(share, 1)
    seen = sum(each for (one, other), each in share.items() if one == other)
    chance = sum(each * second.get(value, 0.0) for value, each in first.items())
    if chance >= 1:
        return Measured(None, None, None, labels)
    value = (seen - chance) / (1 - chance)
    if all(one == other for one, other in share):
        lowest = (_wilson(1.0, labels)[0] - chance) / (1 - chance)
        return Measured(1.0, lowest, 1.0, labels)
    agreeing = sum(
        each * (1 - (first[one] + second[other]) * (1 - value)) ** 2
        for (one, other), each in share.items()
        if one == other
    )
    differing = (1 - value) ** 2 * sum(
        each * (second.get(one, 0.0) + first.get(other, 0.0)) ** 2
        for (one, other), each in share.items()
        if one != other
    )
    rest = (value - chance * (1 - value)) ** 2
    error = math.sqrt(max(0.0, agreeing + differing - rest) / labels) / (1 - chance)
    return Measured(value, max(-1.0, value - Z * error), min(1.0, value + Z * error), labels)


def clean_reviews_needed(target: float) -> int:
    """
    How many reviews without one mistake prove a precision of `target`: exact, one-sided 95 %.

    59 for .95: 0.95**59 is the first power below .05.
    """
    return math.ceil(round(math.log(0.05) / math.log(target), 9))


def reviews_needed(precision: float, target: float) -> int | None:
    """
    How many reviews of a value bring Wilson's lower bound (two-sided 95 %) to `target`, at this precision.

    73 for .95 where no mistake was seen. None where the precision seen is not above the target, or no
    practicable number is enough.
    """
    if precision <= target or _wilson(precision, MOST_LABELS)[0] < target:
        return None
    low, high = 0, MOST_LABELS
    while high - low > 1:
        middle = (low + high) // 2
        if _wilson(precision, middle)[0] >= target:
            high = middle
        else:
            low = middle
    return high


def labels_needed(measured: Measured, target: float) -> int | None:
    """How many labels bring the lower end of kappa's interval to `target`, or None."""
    if measured.value is None or measured.low is None or measured.value <= target:
        return None
    # an interval narrows with the root of the number of labels
    width = (measured.value - measured.low) * math.sqrt(measured.labels)
    needed = math.ceil((width / (measured.value - target)) ** 2)
    return needed if needed <= MOST_LABELS else None


def _wilson(share: float, trials: float) -> tuple[float, float]:
    centre = share + Z * Z / (2 * trials)
    half = Z * math.sqrt(share * (1 - share) / trials + Z * Z / (4 * trials * trials))
    whole = 1 + Z * Z / trials
    # at the ends the two halves cancel but for rounding
    low = 0.0 if share == 0 else (centre - half) / whole
    high = 1.0 if share == 1 else (centre + half) / whole
    return low, high


def _margin(share: Mapping[tuple[str, str], float], judge: int) -> dict[str, float]:
    margin: dict[str, float] = {}
    for pair, each in share.items():
        margin[pair[judge]] = margin.get(pair[judge], 0.0) + each
    return margin
