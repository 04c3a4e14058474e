"""`assay signal fit`: one's own labels folded into a new version of the weights that answer a signal."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click
from rich.console import Console

from contracts.errors import ContractError, did_you_mean
from orchestration import warehouse
from orchestration.build_plan import project_variables
from orchestration.cli import ending
from orchestration.cli.scorecard import page
from orchestration.cli.validation_report import SIMULATED
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores
from signals.packs import LOCK, SEEDS
from signals.validation.question import ValidationError, questions

if TYPE_CHECKING:
    from signals.own_fit import Agreement, OwnFit


@click.command("fit")
@click.argument("name")
@click.option(
    "--simulated", is_flag=True, help="Fit to a simulated reviewer's labels; the version says so."
)
@click.option("--json", "as_json", is_flag=True, help="What the fit came to, as JSON.")
def fit_signal(name: str, simulated: bool, as_json: bool) -> None:
    """
    Fold the labels recorded of signal NAME into a new version of its pack, if that agrees better with them.

    Judged by cross-validation: each label is held against a pack fitted to the others. The pack that
    shipped stays as it is. Exit codes: 0 written, or written before; 1 no better, nothing written; 2 usage.
    """
    from orchestration.own_words import labelled_texts
    from signals.own_fit import SIGNAL, fit_own
    from signals.sentiment_pack import read_pack

    stores = Stores.from_environment()
    try:
        _check_weighed(name, SIGNAL)
        in_use = str(project_variables(warehouse.PROJECT)["signal_packs"]["sentiment_weights"])
        if not stores.pointer.exists():
            raise ValidationError(
                f"{stores.pointer}: nothing is published yet. Run `assay run --exports DIR` first."
            )
        spoken = {row.language for row in read_pack(SEEDS, in_use).weights}
        with run_lock(stores.lock):
            labelled = labelled_texts(stores, name, simulated, spoken)
            found = fit_own(labelled, in_use, simulated, SEEDS, LOCK, warehouse.PROJECT / "macros")
    except (ContractError, LockError, ValidationError, warehouse.WarehouseError) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    if as_json:
        click.echo(json.dumps(asdict(found)))
    else:
        _show(found, in_use, page())
    if found.version is None:
        raise SystemExit(ending.BLOCKED)


def _check_weighed(name: str, weighed: str) -> None:
    if name == weighed:
        return
    known = questions(warehouse.read_manifest())
    if name not in known:
        raise ValidationError(f"{name} is not a signal.{did_you_mean(name, known)}")
    raise ValidationError(
        f"{name} is not answered by weights, so labels cannot move them: only {weighed} is. "
        f"Edit the rules or instructions of {name}, and raise their version."
    )


def _show(found: OwnFit, in_use: str, console: Console) -> None:
    labels = sum(found.labels.values())
    told = ", ".join(f"{count:,} {value}" for value, count in found.labels.items())
    whose = (
        f"{SIMULATED} labels, which no person gave" if found.is_simulated else "labels of people"
    )
    moved = "its decision and the weights of words" if found.moves_words else "its decision"
    lines = [
        f"{found.signal}: {moved}, fitted to {labels:,} {whose} ({told})",
        f"  before, {found.base}:  {_agreement(found.before)}",
        f"  after, held out: {_agreement(found.after)}; each of {found.folds} parts by a fit to the rest",
        f"  {found.mended:,} mended, {found.spoilt:,} spoilt",
    ]
    if found.version is None:
        lines.append(
            "No better on labels it was not fitted to, so nothing was written. More labels may help:"
        )
        lines.append(f"Next: assay validate sample {found.signal} --reviewer NAME --seed 2")
    else:
        lines.append(
            f"{'Written' if found.is_new else 'Written before'}: {found.version}, in {SEEDS}"
        )
        if found.version != in_use:
            lines.append(
                f"Next: in {warehouse.PROJECT / 'dbt_project.yml'}, under signal_packs, write "
                f"sentiment_weights: {found.version}; then assay run, which says how many values moved"
            )
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def _agreement(found: Agreement) -> str:
    kappa = found.kappa
    if kappa.value is None or kappa.low is None or kappa.high is None:
        return f"{found.share.value:.1%} the same"
    return f"{found.share.value:.1%} the same, kappa {kappa.value:.2f} ({kappa.low:.2f}–{kappa.high:.2f})"
