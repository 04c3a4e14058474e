"""`assay signal`: what is declared, what a signal would say, and asking for what is not answered yet."""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import click
from rich.console import Console

from contracts.errors import ContractError, did_you_mean
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.signal_tables import as_dict, show_declared, show_reports, show_tried
from orchestration.progress import RunProgress, shown
from orchestration.run_lock import LockError, run_lock
from orchestration.stores import Stores
from signals.callables import CallableError
from signals.classifier import AskingStopped
from signals.declared import Signal, read_signals
from signals.llm.settings import LlmSettings, SettingsError, is_configured
from signals.transcripts import Texts

if TYPE_CHECKING:
    from signals.answering import AnswerReport


@click.group()
def signal() -> None:
    """Signals: list what is declared, try one on real conversations, ask for answers."""


@signal.command("list")
@click.option("--json", "as_json", is_flag=True, help="The declarations as JSON.")
def list_signals(as_json: bool) -> None:
    """Every declared signal: its question, its values, who answers it."""
    with _errors():
        declared = read_signals(warehouse.read_manifest())
    if as_json:
        click.echo(json.dumps([each.model_dump(mode="json") for each in declared]))
        return
    show_declared(declared)


@signal.command("try")
@click.argument("name")
@click.option("--sample", default=20, show_default=True, type=click.IntRange(1, 1_000))
@click.option("--seed", default=1, show_default=True, help="Another seed, another sample.")
@click.option("--json", "as_json", is_flag=True)
def try_signal(name: str, sample: int, seed: int, as_json: bool) -> None:
    """
    Show what signal NAME would say of real conversations, with quotes. Nothing is stored.

    Rules are compiled as they stand in the project; an LLM or a Python callable is asked.
    """
    from orchestration import signal_trial
    from orchestration.publishing import open_published
    from signals.classifiers import classifiers

    stores = _published()
    stopped = None
    with _errors():
        manifest = warehouse.read_manifest()
        found = _named(read_signals(manifest), name)
        if found.answered_by == "rules":
            with run_lock(stores.lock):
                with open_published(stores.pointer) as connection:
                    ids = Texts(connection).sample(sample, seed)
                tried = signal_trial.try_model(stores, manifest, name, ids)
        else:
            settings = _settings() if found.answered_by == "llm" else None
            (classifier,) = classifiers([found], settings)
            with open_published(stores.pointer) as connection:
                texts = Texts(connection)
                ids = texts.sample(sample, seed)
                tried, stopped = signal_trial.try_classifier(texts, classifier, ids)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(each) for each in tried]))
    else:
        show_tried(found, tried)
    if stopped is not None:
        ending.stop(stopped)


@signal.command("answer")
@click.argument("name", required=False)
@click.option("--max-requests", type=click.IntRange(1), help="Bound this run, retries included.")
@click.option("--max-tokens", type=click.IntRange(1), help="Bound this run, both ways together.")
@click.option("--json", "as_json", is_flag=True)
def answer_signals(
    name: str | None, max_requests: int | None, max_tokens: int | None, as_json: bool
) -> None:
    """
    Ask for what is not answered yet, of NAME or of every signal that an LLM or a callable answers.

    Texts are those of the newest published build, masked. Answers are kept in the ledger as they
    arrive, so a run that is interrupted goes on where it stopped; the next `assay run` brings them into
    the marts. Exit codes: 0 asked, budget spent included; 2 the endpoint failed, or usage.
    """
    stores = _published()
    with _errors():
        asked = [
            each
            for each in _chosen(read_signals(warehouse.read_manifest()), name)
            if each.answered_by != "rules"
        ]
        if name is not None and not asked:
            ending.stop(f"{name} is answered by rules: `assay run` answers it, nobody is asked.")
        if not asked:
            ending.stop("No declared signal is answered by an LLM or a Python callable.")
        settings = None
        if any(each.answered_by == "llm" for each in asked):
            settings = _bounded(_settings(), max_requests, max_tokens)
        screen = Console(file=sys.stderr if as_json else sys.stdout)
        with run_lock(stores.lock), shown(screen) as progress:
            reports = _ask(stores, asked, settings, progress)
    if as_json:
        click.echo(json.dumps([as_dict(each) for each in reports]))
    else:
        show_reports(reports)
    if any(each.is_failure for each in reports):
        sys.exit(ending.BAD_INPUT)


def _ask(
    stores: Stores,
    asked: Sequence[Signal],
    settings: LlmSettings | None,
    progress: RunProgress,
) -> list[AnswerReport]:
    from orchestration.answers import LedgerAnswers
    from orchestration.ledger import Ledger
    from orchestration.publishing import open_published
    from signals.answering import answer
    from signals.classifiers import classifiers

    def tell(report: AnswerReport) -> None:
        done = report.wanted - report.left
        told = f"{done:,} of {report.wanted:,} answered, {report.tokens:,} tokens"
        progress.step(report.signal, told, done / report.wanted if report.wanted else None)

    with open_published(stores.pointer) as connection, Ledger.open(stores.ledger) as ledger:
        book = LedgerAnswers(ledger)
        for each in asked:
            progress.step(each.name, "looking for what is not answered yet")
        reports = answer(
            Texts(connection), classifiers(asked, settings, book.model_of), book, on_progress=tell
        )
    for report in reports:
        progress.done(report.signal, f"{report.left:,} left")
    return reports


@contextmanager
def _errors() -> Iterator[None]:
    """What can be wrong with a declaration, the settings or the stores, as this command's last words."""
    try:
        yield
    except (
        AskingStopped,
        CallableError,
        ContractError,
        LockError,
        SettingsError,
        warehouse.WarehouseError,
    ) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    except KeyboardInterrupt:
        ending.stop("Interrupted. What was answered until now is kept; ask again to go on.")


def _published() -> Stores:
    stores = Stores.from_environment()
    if not stores.pointer.exists():
        ending.stop(
            f"{stores.pointer}: nothing is published yet. Run `assay run --exports DIR` first."
        )
    return stores


def _settings() -> LlmSettings:
    """
    The endpoint the environment names, and the path from there: trying and asking are said to need one.
    """
    if not is_configured(os.environ):
        raise SettingsError(
            "No endpoint is named, so nobody is asked and nothing leaves this machine. "
            "Set ASSAY_LLM_URL, ASSAY_LLM_MODEL and, where one is needed, ASSAY_LLM_KEY."
        )
    return LlmSettings.from_environment(os.environ)


def _bounded(
    settings: LlmSettings, max_requests: int | None, max_tokens: int | None
) -> LlmSettings:
    return dataclasses.replace(
        settings,
        max_requests=max_requests or settings.max_requests,
        max_tokens=max_tokens or settings.max_tokens,
    )


def _chosen(declared: Sequence[Signal], name: str | None) -> Sequence[Signal]:
    return declared if name is None else [_named(declared, name)]


def _named(declared: Sequence[Signal], name: str) -> Signal:
    for each in declared:
        if each.name == name:
            return each
    _unknown(name, [each.name for each in declared])


def _unknown(name: str, known: Sequence[str]) -> NoReturn:
    ending.stop(
        f"{name} is not a declared signal.{did_you_mean(name, known)} "
        f"Known: {', '.join(known) or 'none'}."
    )
