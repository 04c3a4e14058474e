"""Of losses of 1 % of a week or more, those that coverage and its witnesses find, and how often they err."""

from __future__ import annotations

from collections.abc import Iterator

from .. import coverage
from ..worlds import tell
from .proof import Asked, Proof

PROMISED = (100, 1.0)
"""The conversations a day, one numbered after the other, of which it is promised how many losses are found."""

FOUND_SHARE = 0.99
"""With slice counts stated, with day totals only, and with nothing stated alike."""

FALSE_SHARE = 0.01


def proofs(asked: Asked) -> Iterator[Proof]:
    """
    Two rows per world and what is stated of it: found, and told though nothing was lost.

    Beside the losses in whose days or week something fails stand those whose own slice is named; last, the worlds
    in which enough are found though nobody states a count.
    """
    worlds = [PROMISED] if asked.is_quick else coverage.WORLDS
    tell(f"coverage: {len(worlds)} worlds, with and without their losses")
    enough = []
    for each in coverage.measure(worlds):
        ids = "numbers that tell nothing" if each.ids is None else f"{each.ids:.0%} of numbers"
        world = f"{each.a_day} a day, {ids}, {each.stated}"
        found, named = each.found / each.losses, each.named / each.losses
        told = f"{each.found} of {each.losses}, {found:.1%}; {named:.1%} by its slice"
        if (each.a_day, each.ids) == PROMISED:
            target = f"at least {FOUND_SHARE:.0%}"
            yield Proof(f"losses found: {world}", told, target, found >= FOUND_SHARE)
        else:
            yield Proof(f"losses found: {world}", told)
        yield Proof(
            "  false alarms there",
            f"{each.false_alarms} of {each.judged:,}",
            f"at most {FALSE_SHARE:.0%}",
            each.judged > 0 and each.false_alarms <= FALSE_SHARE * each.judged,
        )
        if each.stated == coverage.ALONE and found >= FOUND_SHARE:
            enough.append(f"{each.a_day} a day, {ids}: {found:.1%}")
    yield Proof(f"{coverage.ALONE} find {FOUND_SHARE:.0%} at", "; ".join(enough) or "none of these")
