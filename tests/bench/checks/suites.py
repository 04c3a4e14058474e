"""What it costs to judge a build of a million conversations by all suites, in a process of its own."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from ..contenders import QUIET
from ..measuring import measure
from ..worlds import tell
from .proof import Asked, Proof

METRICS = 15
SECONDS = 15.0
"""Once everything is imported."""

PEAK_MB = 1_500.0


def proofs(asked: Asked) -> Iterator[Proof]:
    """Time and memory; not measured where no build is named."""
    name = f"suites of {METRICS} metrics over a million conversations"
    time_target, memory_target = f"at most {SECONDS:g} s", f"at most {PEAK_MB:,.0f} MB"
    if asked.million is None:
        yield Proof(f"{name}: time", "no build of a million named", time_target)
        yield Proof(f"{name}: peak memory", "no build of a million named", memory_target)
        return
    tell(f"suites: judging {asked.million}")
    log = asked.root / "suites.log"
    command = (sys.executable, "-m", __name__, asked.million.resolve())
    # what is built elsewhere is read only: whatever this process may write goes beside its log
    measured = measure(command, {**QUIET, "ASSAY_DATA": str(asked.root / "suites")}, log)
    found = json.loads(measured.output.splitlines()[-1])
    name = f"suites of {found['metrics']} metrics over {found['conversations']:,} conversations"
    seconds, peak = found["seconds"], max(measured.tree_mb, measured.process_mb)
    yield Proof(f"{name}: time", f"{seconds:.1f} s", time_target, seconds <= SECONDS)
    yield Proof(f"{name}: peak memory", f"{peak:,.0f} MB", memory_target, peak <= PEAK_MB)
    yield Proof("  outcomes there", f"{found['outcomes']} of {found['suites']} suites")


def main() -> None:
    """Judge the build in the data folder named, and print what that took."""
    import duckdb
    import great_expectations.expectations  # noqa: F401 - for its time, which is no part of judging

    from contracts.exports import read_declarations
    from expectations.runner import judge
    from orchestration import warehouse
    from orchestration.judging import judging
    from orchestration.stores import Stores

    stores = Stores.at(Path(sys.argv[1]))
    manifest = warehouse.read_manifest()
    contracts = warehouse.read_metric_contracts(manifest).contracts[:METRICS]
    suites = judging(manifest, read_declarations(manifest), contracts).in_use(stores)
    with duckdb.connect(str(stores.candidate), read_only=True) as connection:
        counted = connection.execute("select count(*) from marts.fct_conversations").fetchall()
    started = time.monotonic()
    outcomes = judge(stores.candidate, suites)
    told = {
        "seconds": time.monotonic() - started,
        "metrics": len(contracts),
        "conversations": counted[0][0],
        "suites": len(suites),
        "outcomes": len(outcomes),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
