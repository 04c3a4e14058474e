"""`assay contract`: read every contract as a hostile reader would, show one on its page, write a new one."""

from __future__ import annotations

import dataclasses
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click
import duckdb
from rich.console import Console
from rich.text import Text

from contracts.contract import Contract
from contracts.errors import ContractError, did_you_mean
from contracts.exposures import exposure_problems
from contracts.lints import Finding, lint
from contracts.page import Standing, html, markdown
from contracts.reading import Contracts
from orchestration import warehouse
from orchestration.cli import ending
from orchestration.cli.metric_table import SHOWN, coverage, value
from orchestration.ledger import Ledger
from orchestration.metrics import strengths
from orchestration.metrics.lint_facts import read_facts
from orchestration.metrics.overview import read_overview
from orchestration.printable import printable
from orchestration.publishing import open_published
from orchestration.stores import Stores

SEVERITIES = ("error", "warning", "note")


@click.group()
def contract() -> None:
    """Metric contracts: check them all, show one on its page, write a new one."""


@contract.command("check")
@click.option("--json", "as_json", is_flag=True, help="Problems and findings as JSON.")
def check_contracts(as_json: bool) -> None:
    """
    Read every contract strictly, and say what a hostile reader would.

    Exit codes: 0 nothing worse than warnings; 2 a contract cannot be read as meant, or a lint is an error.
    """
    with errors():
        manifest = warehouse.read_manifest()
        read = warehouse.read_metric_contracts(manifest)
    exposed = exposure_problems(manifest, read.contracts, warehouse.purposes())
    found = _linted(read)
    if as_json:
        told = {**_as_dict(read, found), "exposures": exposed}
        click.echo(json.dumps(told, ensure_ascii=False))
    else:
        _show_check(read, found, exposed)
    if read.problems or exposed or any(each.severity == "error" for each in found):
        sys.exit(ending.BAD_INPUT)


@contract.command("show")
@click.argument("metric")
@click.option("--markdown", "form", flag_value="markdown", help="The page as Markdown.")
@click.option("--html", "form", flag_value="html", help="The page as HTML.")
@click.option("--json", "form", flag_value="json", help="The contract as JSON.")
def show_contract(metric: str, form: str | None) -> None:
    """Show the contract of METRIC on one page, with its standing in the newest published build."""
    with errors():
        read = warehouse.read_metric_contracts()
    found = named(read, metric)
    standing = _live(found)
    match form:
        case "json":
            live = {"standing": dataclasses.asdict(standing) if standing else None}
            click.echo(json.dumps(found.model_dump(mode="json") | live, ensure_ascii=False))
        case "html":
            click.echo(html(found, standing), nl=False)
        case "markdown":
            click.echo(markdown(found, standing), nl=False)
        case _:
            show_page(markdown(found, standing), Console())


@contract.command("new")
def new_contract() -> None:
    """
    Ask for a metric and its contract, line by line, and write its SQL stub and YAML.

    Every answer is judged as it is given. Nothing is overwritten; answers may be piped in.
    """
    from orchestration.cli.contract_new import ask_and_write

    with errors():
        metric = ask_and_write()
        read = warehouse.read_metric_contracts()
    show_page(markdown(named(read, metric)), Console())
    for each in _linted(read):
        if each.metric == metric:
            click.echo(f"\n{each.severity}, {each.lint}: {each.sentence}")
    click.echo(f"\nNext: write models/metrics/{metric}.sql, then `make generated` and `assay run`.")


@contract.command("export")
@click.argument("metric", required=False)
@click.option("--all", "every", is_flag=True, help="Every metric.")
@click.option(
    "--odcs", "form", flag_value="odcs", required=True, help="Open Data Contract Standard 3.1."
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="A folder: one file per metric. Without it, onto the screen.",
)
def export_contracts(metric: str | None, every: bool, form: str, out: Path | None) -> None:
    """
    Hand out the contract of METRIC, or --all, in a form that others read.

    Exit codes: 0 all written; 2 a contract cannot be read as meant: the others are written.
    """
    from orchestration.cli.contract_export import documents, write

    if every == (metric is not None):
        ending.stop("Name a metric, or write --all.")
    with errors():
        read = warehouse.read_metric_contracts()
        write(documents([named(read, metric)] if metric else read.contracts), out)
        if every:
            read.required()


@contextmanager
def errors() -> Iterator[None]:
    """What can be wrong with the project, or the asking, as this command's last words."""
    try:
        yield
    except (ContractError, warehouse.WarehouseError) as error:
        ending.stop(str(error))
    except OSError as error:
        ending.stop(ending.unusable(error))
    except (click.Abort, KeyboardInterrupt):
        ending.stop("The answers ended before the last question: nothing was written.")


def named(read: Contracts, metric: str) -> Contract:
    """The contract of a metric; where it is none, or cannot be read, this ends the command."""
    for each in read.contracts:
        if each.metric == metric:
            return each
    if metric in read.problems:
        file, said = read.problems[metric]
        ending.stop("\n".join([f"{file}:", *(f"  {sentence}" for sentence in said)]))
    known = [each.metric for each in read.contracts] + [*read.problems]
    ending.stop(
        f"{metric} is not a metric.{did_you_mean(metric, known)} "
        f"Known: {', '.join(sorted(known)) or 'none'}."
    )


def show_page(page: str, console: Console) -> None:
    """Print a page of Markdown with its marks shown as bold."""
    for line in printable(page).splitlines():
        bare = re.sub(r"^#+ ", "", line)
        if bare != line:
            console.print(Text(bare, style="bold"))
            continue
        text = Text()
        for place, part in enumerate(bare.split("**")):
            text.append(part, style="bold" if place % 2 else "")
        console.print(text, soft_wrap=True)


def _linted(read: Contracts) -> list[Finding]:
    with _published() as connection:
        facts = read_facts(connection, read.contracts) if connection else None
    return lint(read.contracts, datetime.now(UTC).date(), facts)


@contextmanager
def _published() -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The newest published build; None before the first."""
    pointer = Stores.from_environment().pointer
    if not pointer.exists():
        yield None
        return
    with open_published(pointer) as connection:
        yield connection


def _live(found: Contract) -> Standing | None:
    """How the metric stands in the newest published build; None where it has not seen this version."""
    with _published() as connection:
        rows = read_overview(connection) if connection else []
    for row in rows:
        if (row["metric"], row["version"]) == (found.metric, found.version):
            told = row["status"] in SHOWN and row["period_start"]
            return Standing(
                status=row["status"],
                reasons=row["status_reasons"] or (),
                coverage=coverage(row["coverage"]),
                last_value=f"{value(row)} in the {row['cadence']} of {told}" if told else None,
                validation=row["validation"],
                strength=_strength(found),
            )
    return None


def _strength(found: Contract) -> str | None:
    """What became of harms planted since, which the ledger knows before any build does."""
    with Ledger.for_reading(Stores.from_environment().ledger) as ledger:
        return strengths.sentence(ledger.connection, found)


def _show_check(
    read: Contracts, found: Sequence[Finding], exposed: Mapping[str, Sequence[str]]
) -> None:
    console = Console()
    files = {file: [f"error: {sentence}" for sentence in said] for file, said in exposed.items()}
    for file, said in read.problems.values():
        files.setdefault(file, []).extend(f"error: {sentence}" for sentence in said)
    for each in sorted(found, key=lambda one: SEVERITIES.index(one.severity)):
        files.setdefault(each.file, []).append(f"{each.severity}, {each.lint}: {each.sentence}")
    for file, sentences in sorted(files.items()):
        lines = [f"{file}:", *(f"  {sentence}" for sentence in sentences)]
        console.print(printable("\n".join(lines)), markup=False, highlight=False, soft_wrap=True)
    counts = {name: sum(each.severity == name for each in found) for name in SEVERITIES}
    counts["error"] += sum(len(said) for _, said in read.problems.values())
    counts["error"] += sum(map(len, exposed.values()))
    told = ", ".join(f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items())
    total = len(read.contracts) + len(read.problems)
    console.print(
        f"{total} contract{'' if total == 1 else 's'} read: {told}.", highlight=False, markup=False
    )


def _as_dict(read: Contracts, found: Sequence[Finding]) -> dict:
    return {
        "contracts": [each.metric for each in read.contracts],
        "problems": {
            metric: {"file": file, "sentences": [*said]}
            for metric, (file, said) in read.problems.items()
        },
        "findings": [dataclasses.asdict(each) for each in found],
    }
