"""Of losses of 1 % of a week or more, those that coverage and its witnesses find, and how often they err."""

from __future__ import annotations

from collections.abc import Iterator

from .. import coverage
from ..worlds import tell
from .proof import Asked, Proof

PROMISED = (100, 1.0)
"""The conversations a day, one numbered after the other, of which it is promised how many losses are found."""

FOUND_SHARES = {"with slice counts": 0.99, "day totals only": 0.99, "the witnesses alone": 0.95}
FALSE_SHARE = 0.01


def proofs(asked: Asked) -> Iterator[Proof]:
    """Two rows per world and what is stated of it: found, and told though nothing was lost."""
    worlds = [PROMISED] if asked.is_quick else coverage.WORLDS
    tell(f"coverage: {len(worlds)} worlds, with and without their losses")
    for each in coverage.measure(worlds):
        ids = "numbers that tell nothing" if each.ids is None else f"{each.ids:.0%} of numbers"
        world = f"{each.a_day} a day, {ids}, {each.stated}"
        share = f"{each.found} of {each.losses}, {each.found / each.losses:.1%}"
        if (each.a_day, each.ids) == PROMISED:
            least = FOUND_SHARES[each.stated]
            is_met = each.found >= least * each.losses
            yield Proof(f"losses found: {world}", share, f"at least {least:.0%}", is_met)
        else:
            yield Proof(f"losses found: {world}", share)
        yield Proof(
            "  false alarms there",
            f"{each.false_alarms} of {each.judged:,}",
            f"at most {FALSE_SHARE:.0%}",
            each.judged > 0 and each.false_alarms <= FALSE_SHARE * each.judged,
        )
