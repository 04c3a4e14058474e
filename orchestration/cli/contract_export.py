"""Contracts handed to others: each as a document of the Open Data Contract Standard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
import duckdb

from contracts.contract import Contract
from contracts.odcs import odcs
from orchestration.publishing import open_published
from orchestration.rows import told
from orchestration.stores import Stores

SUFFIX = ".odcs.yaml"

Standings = dict[tuple[str, str], tuple[str, Sequence[str]]]
"""Metric and version -> status and its reasons."""


def documents(contracts: Iterable[Contract]) -> Iterator[tuple[str, str]]:
    """Each metric with its document, which says how the metric stands in the newest published build."""
    standings = _standings(Stores.from_environment().pointer)
    for contract in contracts:
        status, reasons = standings.get((contract.metric, contract.version), ("draft", ()))
        yield contract.metric, odcs(contract, status, reasons)


def write(found: Iterable[tuple[str, str]], folder: Path | None) -> None:
    """Into one file per metric, or where there is no folder, onto the screen one after the other."""
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    for place, (metric, text) in enumerate(found):
        if folder is None:
            click.echo(("---\n" if place else "") + text, nl=False)
            continue
        path = folder / f"{metric}{SUFFIX}"
        path.write_text(text, encoding="utf-8")
        click.echo(path)


def _standings(published: Path) -> Standings:
    if not published.exists():
        return {}
    with open_published(published) as connection:
        try:
            rows = told(connection, "from marts.metric_contracts")
        except duckdb.CatalogException:
            # a build older than metrics
            return {}
    return {
        (row["metric"], row["version"]): (row["status"], row["status_reasons"] or ())
        for row in rows
    }
