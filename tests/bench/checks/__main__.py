"""`python -m tests.bench.checks`: what the checks are said to find beside what they find, as a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from orchestration.warehouse import manifest_path

from ..contenders import ROOT
from ..measuring import RunError
from . import losses, mutation, reruns, suites, tested
from .proof import Asked, Proof

PARTS: dict[str, Callable[[Asked], Iterator[Proof]]] = {
    "mutation": mutation.proofs,
    "reruns": reruns.proofs,
    "coverage": losses.proofs,
    **{part: partial(tested.proofs, part) for part in tested.TESTED},
    "suites": suites.proofs,
}

RERUNS, QUICK_RERUNS = 50, 4


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--quick", is_flag=True,
    help=f"Small: one harm of each kind, {QUICK_RERUNS} clean worlds, one world of losses.",
)  # fmt: skip
@click.option(
    "--only", "parts", multiple=True, type=click.Choice(list(PARTS)), help="Only these parts."
)
@click.option(
    "--reruns", "worlds", type=click.IntRange(min=1),
    help=f"Clean worlds to rerun.  [default: {RERUNS}]",
)  # fmt: skip
@click.option(
    "--million", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A data folder with a build of a million conversations, which is only read.",
)  # fmt: skip
def main(quick: bool, parts: tuple[str, ...], worlds: int | None, million: Path | None) -> None:
    """
    Plant what checks must notice, rerun what they must leave alone, and tell how often they did.

    Works below ASSAY_BENCH_DIR (default build/bench), where a clean world that alarmed is kept.
    Exit code 1 where a target is missed.
    """
    bench = Path(os.environ.get("ASSAY_BENCH_DIR", ROOT / "build" / "bench")).resolve()
    asked = Asked(bench / "checks", quick, worlds or (QUICK_RERUNS if quick else RERUNS), million)
    asked.root.mkdir(parents=True, exist_ok=True)
    # runs that start together would each parse the project
    manifest_path()
    found = [
        proof for part in PARTS if not parts or part in parts for proof in _proofs(part, asked)
    ]
    _show(found)
    if any(each.is_met is False for each in found):
        raise SystemExit(1)


def _proofs(part: str, asked: Asked) -> Iterator[Proof]:
    try:
        yield from PARTS[part](asked)
    except (RunError, TimeoutError) as error:
        # the parts before and after it have figures all the same
        yield Proof(part, "could not be run", "it runs", False, (str(error),))


def _show(found: list[Proof]) -> None:
    console = Console(width=150)
    table = Table("proof", "measured", "target", "met")
    for each in found:
        table.add_row(
            Text(each.name), each.measured, each.target,
            Text(each.verdict, style="bold red" if each.is_met is False else ""),
        )  # fmt: skip
    console.print(table)
    for each in found:
        if each.behind:
            console.print(Text(f"Behind {each.name.strip()}, {each.measured}:"))
        for line in each.behind:
            console.print(Text(f"  {line}"), soft_wrap=True)


if __name__ == "__main__":
    main()
