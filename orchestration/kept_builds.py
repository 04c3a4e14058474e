"""What the published builds that are still kept say of a signal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from expectations.described import is_there
from orchestration.publishing import open_published
from orchestration.stores import Stores
from signals.validation import metric_sample
from signals.validation.checks import Standing
from signals.validation.question import METRIC, ValidationError
from signals.validation.report import Predictions
from signals.validation.sheet import Sheet


@contextmanager
def newest(stores: Stores) -> Iterator[tuple[duckdb.DuckDBPyConnection, str]]:
    """The newest published build and its name. Raises ValidationError where there is none with signals."""
    if not stores.pointer.exists():
        raise ValidationError(
            f"{stores.pointer}: nothing is published yet. Run `assay run --exports DIR` first."
        )
    path = stores.pointer.resolve()
    with open_published(path) as connection:
        if not is_there(connection, "table", "marts.fct_signals"):
            raise ValidationError(f"{path.name} holds no signals. Run `assay run` again.")
        yield connection, path.name


def version_of(stores: Stores, signal: str) -> tuple[str, str] | None:
    """The (classifier, version) that answers a signal in the newest build; None where none does."""
    try:
        with newest(stores) as (connection, _):
            found = _versions(connection, signal)
    except ValidationError:
        return None
    return found[0] if len(found) == 1 else None


def predictions(stores: Stores, signal: str, version: tuple[str, str]) -> Predictions | None:
    """How often the newest build gives each value in scope; None where it holds another version."""
    if version_of(stores, signal) != version:
        return None
    with newest(stores) as (connection, _):
        rows = connection.execute(
            "select answers.value, count(*) from marts.fct_conversations as conversations"
            " left join marts.fct_signals as answers"
            " on conversations.conversation_id = answers.conversation_id and answers.signal = ?"
            " where conversations.is_in_scope group by all",
            [signal],
        ).fetchall()
    return Predictions(
        {value: count for value, count in rows if value}, sum(row[1] for row in rows)
    )


def standing(stores: Stores, sheet: Sheet) -> Standing:
    """Which versions the kept builds hold, and what the sheet's own build says of its conversations."""
    versions: set[tuple[str, str]] = set()
    predicted = None
    for path in sorted(stores.published.glob("assay-*.duckdb")):
        with open_published(path) as connection:
            if not is_there(connection, "table", "marts.fct_signals"):
                continue
            if sheet.classifier == METRIC:
                versions.update(_metric_versions(connection, sheet.question.signal))
                if path.name == sheet.build:
                    ids = [row.conversation_id for row in sheet.rows]
                    predicted = metric_sample.claims(connection, sheet.question.signal, ids)
                continue
            versions.update(_versions(connection, sheet.question.signal))
            if path.name == sheet.build:
                rows = connection.execute(
                    "select conversation_id, value from marts.fct_signals"
                    " where signal = $signal and list_contains($ids, conversation_id)",
                    {
                        "signal": sheet.question.signal,
                        "ids": [row.conversation_id for row in sheet.rows],
                    },
                ).fetchall()
                predicted = dict(rows)
    return Standing(versions, predicted)


def _versions(connection: duckdb.DuckDBPyConnection, signal: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select distinct classifier, classifier_version from marts.fct_signals"
        " where signal = ? and classifier is not null order by all",
        [signal],
    ).fetchall()


def _metric_versions(connection: duckdb.DuckDBPyConnection, metric: str) -> list[tuple[str, str]]:
    """The versions of a metric that a build counts; none in a build older than metrics."""
    try:
        return connection.execute(
            "select distinct ?, version from counted.metric_counts where metric = ?",
            [METRIC, metric],
        ).fetchall()
    except duckdb.CatalogException:
        return []
