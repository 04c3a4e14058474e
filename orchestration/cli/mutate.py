"""`assay mutate`: how strong contracts are, by harms planted into copies of the newest build."""

from __future__ import annotations

import json
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich import box
from rich.console import Console
from rich.table import Table

from contracts.contract import Contract
from contracts.errors import did_you_mean
from contracts.exports import read_declarations
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.contract import errors, named
from orchestration.cli.scorecard import page
from orchestration.ledger import Ledger
from orchestration.metrics import strengths
from orchestration.printable import one_line
from orchestration.progress import shown
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores

if TYPE_CHECKING:
    from orchestration.mutation.harm import Harm
    from orchestration.mutation.planting import Project
    from orchestration.mutation.verdict import Verdict


@click.command()
@click.argument("metric", required=False)
@click.option("--all", "every", is_flag=True, help="All metrics.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    help="Only these kinds, as in --kind 'lost day'.",
)
@click.option("--each", type=click.IntRange(1, 100), default=1, show_default=True,
              help="Harms of each kind.")  # fmt: skip
@click.option(
    "--seed", type=int, default=1, show_default=True, help="Places and sizes follow from it."
)
@click.option("--json", "as_json", is_flag=True, help="planted, killed and survivors as JSON.")
def mutate(
    metric: str | None, every: bool, kinds: Sequence[str], each: int, seed: int, as_json: bool
) -> None:
    """
    Plant harms into copies of the newest build, one at a time, and tell which of them the checks of METRIC notice.

    A harm is noticed (killed) only where a clause of the metric's own contract newly fails and names the place.
    What is stored is not touched, but for the score, which the page of the contract shows from then on: that of
    all kinds, for some alone are no score. Exit code 1 where a harm survives.
    """
    # what builds and judges is not imported to read a number
    from orchestration.mutation.drawing import KINDS
    from orchestration.mutation.planting import Project
    from orchestration.mutation.strength import NothingToHarm

    for strange in (kind for kind in kinds if kind not in KINDS):
        ending.stop(
            f"{strange} is no kind of harm.{did_you_mean(strange, KINDS)} Known: {', '.join(KINDS)}."
        )
    if (metric is None) != every:
        both = f"{metric} is one of --all. " if metric else ""
        ending.stop(f"{both}Name a METRIC, or write --all: `assay mutate reopen_rate`.")
    stores = Stores.from_environment()
    if not stores.pointer.exists():
        ending.stop(
            f"{stores.pointer}: nothing is published yet. Run `assay run --exports DIR` first."
        )
    with errors():
        manifest = warehouse.read_manifest()
        read = warehouse.read_metric_contracts(manifest)
        asked = [named(read, metric)] if metric else list(read.contracts)
    project = Project(manifest, read_declarations(manifest), read.contracts)
    planting = kinds or list(KINDS)
    try:
        verdicts = _measure(stores, project, asked, planting, each, seed)
    except (LockError, NothingToHarm, warehouse.WarehouseError) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    if not kinds:
        with Ledger.open(stores.ledger) as ledger:
            strengths.record(ledger, verdicts, seed, stores.pointer.resolve().name)
    if as_json:
        click.echo(json.dumps(_told(verdicts, planting, seed), ensure_ascii=False))
    else:
        _show(verdicts, planting, page())
        if kinds:
            click.echo("Not kept as a score: only kinds asked for were planted.")
    if any(each.noticed_by is None for each in verdicts):
        raise SystemExit(1)


def _measure(
    stores: Stores,
    project: Project,
    asked: Sequence[Contract],
    kinds: Sequence[str],
    each: int,
    seed: int,
) -> list[Verdict]:
    from orchestration.mutation import strength

    # of each copy that is judged Great Expectations tells where its pages would be
    logging.disable(logging.INFO)
    with (
        tempfile.TemporaryDirectory(prefix=".assay-mutate-", dir=stores.root) as folder,
        shown(Console(stderr=True)) as progress,
    ):
        expected = len(kinds) * each

        def on_harm(number: int, harm: Harm) -> None:
            progress.step("harms", f"{harm.kind}: {harm.place}", number / (expected + 1))

        progress.step("harms", "copying the build")
        with run_lock(stores.lock):
            verdicts = strength.measure(
                stores, project, asked, kinds, each, seed, Path(folder), on_harm
            )
        harms = len({(one.kind, one.place) for one in verdicts})
        progress.done("harms", f"{harms} harms reached {len(verdicts)} times a metric")
    return verdicts


def _unplanted(verdicts: Sequence[Verdict], kinds: Sequence[str]) -> list[str]:
    """The kinds of which no harm was found that reaches a metric asked about: nothing is known of these."""
    planted = {each.kind for each in verdicts}
    return [kind for kind in kinds if kind not in planted]


def _told(verdicts: Sequence[Verdict], kinds: Sequence[str], seed: int) -> dict[str, object]:
    survivors = [asdict(each) for each in verdicts if each.noticed_by is None]
    return {
        "seed": seed,
        "planted": len(verdicts),
        "killed": len(verdicts) - len(survivors),
        "survivors": survivors,
        "not_planted": _unplanted(verdicts, kinds),
        "kills": [asdict(each) for each in verdicts if each.noticed_by is not None],
    }


def _show(verdicts: Sequence[Verdict], kinds: Sequence[str], console: Console) -> None:
    if not verdicts:
        console.print("No harm could be planted that reaches a metric asked about.")
        return
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    for column in ("harm", "planted", "noticed", "by"):
        table.add_column(column, justify="right" if column in ("planted", "noticed") else "left")
    for kind in dict.fromkeys(each.kind for each in verdicts):
        of_kind = [each for each in verdicts if each.kind == kind]
        noticed = [each.noticed_by for each in of_kind if each.noticed_by]
        table.add_row(kind, str(len(of_kind)), str(len(noticed)), ", ".join(dict.fromkeys(noticed)))
    console.print(table)
    survivors = [each for each in verdicts if each.noticed_by is None]
    for each in survivors:
        line = f"Survived: {each.metric}, {each.kind} ({each.place}): {each.finding}."
        console.print(one_line(line), markup=False, highlight=False, soft_wrap=True)
    if unplanted := _unplanted(verdicts, kinds):
        console.print(
            f"Not planted, for the build holds too little of it that a metric asked about rests on: "
            f"{', '.join(unplanted)}.",
            soft_wrap=True,
        )
    killed = len(verdicts) - len(survivors)
    console.print(
        f"{killed} of {len(verdicts)} noticed by the metrics' own checks, {killed / len(verdicts):.0%}.",
        highlight=False,
    )
