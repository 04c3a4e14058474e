"""Of the harms that reach a metric, the share that its own checks notice, over all and kind by kind."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..worlds import tell
from .proof import Asked, Proof
from .reviewed import said, world

SEED = 1
CONVERSATIONS, EACH = 20_000, 3
QUICK_CONVERSATIONS, QUICK_EACH = 6_000, 1

NOTICED_SHARE = 0.95

KIND_SHARE = 0.9
"""Of each kind of harm, so that one which nothing notices cannot hide behind those that reach every metric."""


def proofs(asked: Asked) -> Iterator[Proof]:
    """The share noticed, with every survivor and why it survived; then kind by kind."""
    conversations, each = (
        (QUICK_CONVERSATIONS, QUICK_EACH) if asked.is_quick else (CONVERSATIONS, EACH)
    )
    tell(f"mutation: a world of {conversations:,}, seed {SEED}")
    data = world(asked.root / "mutation", conversations, SEED)
    tell(f"mutation: {each} of each kind of harm into every metric")
    harms = ("--all", "--each", each, "--seed", SEED, "--json")
    # 1: something survived, which is told below
    found = json.loads(said("mutate", *harms, data=data, codes=(0, 1)))
    yield from judged(found, f"{conversations:,} conversations")


def judged(found: Mapping[str, Any], world: str) -> Iterator[Proof]:
    """What the harms of a world come to, as `assay mutate --json` tells them."""
    kills, survivors = found["kills"], found["survivors"]
    yield _noticed(
        f"harms noticed by the metrics' own checks, {world}", kills, survivors, NOTICED_SHARE,
        tuple(
            f"{one['metric']} {one['version']}, {one['kind']} ({one['place']}): {one['finding']}"
            for one in survivors
        ),
    )  # fmt: skip
    for kind in sorted({one["kind"] for one in (*kills, *survivors)}):
        of_kind = ([one for one in those if one["kind"] == kind] for those in (kills, survivors))
        yield _noticed(f"  {kind}", *of_kind, KIND_SHARE)
    for kind in found["not_planted"]:
        yield Proof(f"  {kind}", "none planted", f"at least {KIND_SHARE:.0%}")


def _noticed(
    name: str,
    kills: Sequence[Mapping[str, Any]],
    survivors: Sequence[Mapping[str, Any]],
    least: float,
    behind: tuple[str, ...] = (),
) -> Proof:
    """
    A harm reaches many metrics or one, and is judged once for each; beside those pairs stand the harms, each once,
    of which one has survived where any metric that it reached did not notice it.
    """
    planted = len(kills) + len(survivors)
    missed = {(one["kind"], one["place"]) for one in survivors}
    harms = missed | {(one["kind"], one["place"]) for one in kills}
    share = f", {len(kills) / planted:.1%}" if planted else ""
    return Proof(
        name,
        f"{len(kills)} of {planted}{share}; {len(harms - missed)} of {len(harms)} harms everywhere",
        f"at least {least:.0%}",
        planted > 0 and len(kills) / planted >= least,
        behind,
    )
