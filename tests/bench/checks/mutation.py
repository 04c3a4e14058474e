"""Of the harms that reach a metric, the share that its own checks notice."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from ..worlds import tell
from .proof import Asked, Proof
from .reviewed import said, world

SEED = 1
CONVERSATIONS, EACH = 20_000, 3
QUICK_CONVERSATIONS, QUICK_EACH = 6_000, 1

NOTICED_SHARE = 0.95


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
    planted, killed = found["planted"], found["killed"]
    yield Proof(
        f"harms noticed by the metrics' own checks, {conversations:,} conversations",
        f"{killed} of {planted}" + (f", {killed / planted:.1%}" if planted else ""),
        f"at least {NOTICED_SHARE:.0%}",
        planted > 0 and killed / planted >= NOTICED_SHARE,
        tuple(
            f"{one['metric']} {one['version']}, {one['kind']} ({one['place']}): {one['finding']}"
            for one in found["survivors"]
        ),
    )
    kills = Counter(one["kind"] for one in found["kills"])
    kinds = kills + Counter(one["kind"] for one in found["survivors"])
    for kind, many in sorted(kinds.items()):
        yield Proof(f"  {kind}", f"{kills[kind]} of {many}")
