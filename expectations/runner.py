"""The one place that runs Great Expectations: suites in, outcomes out."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from expectations.outcome import Outcome
from expectations.suite import Row, Suite
from expectations.verdict import MOST_ROWS, duckdb_said, outcomes_of

if TYPE_CHECKING:
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.datasource.fluent import SQLDatasource


class UnreadableDatabase(Exception):
    """The file to be judged cannot be opened; says which, why and what to do."""


def judge(
    database: Path,
    suites: Sequence[Suite],
    data_docs: Path | None = None,
    memory_limit: str | None = None,
) -> list[Outcome]:
    """
    Judge every suite on a DuckDB file, opened read-only and let go of before returning.

    Outcomes come in the order of the suites. An expectation that could not be evaluated gives an
    outcome that is not measured; it raises nothing. With `data_docs`, a static site of the results
    is written to that folder. `memory_limit` is DuckDB's, as in "512MB". No connection of this
    process to the file may be open for writing, nor one with other settings.

    Raises:
        UnreadableDatabase: there is no such file, it is not DuckDB's, or a writer holds it.
    """
    if not database.is_file():
        raise UnreadableDatabase(f"{database}: no such file. Build it before judging it.")
    if not suites:
        return []
    found = _validate(database, suites, memory_limit)
    outcomes = [
        outcome
        for suite, (result, rows) in zip(suites, found, strict=True)
        for outcome in outcomes_of(suite, result, rows)
    ]
    if data_docs is not None:
        from expectations.data_docs import write_site

        results = [result for result, _ in found]
        write_site(data_docs, suites, results, outcomes, judged_at=datetime.now(UTC))
    return outcomes


def _validate(
    database: Path, suites: Sequence[Suite], memory_limit: str | None
) -> list[tuple[ExpectationSuiteValidationResult, Sequence[Row]]]:
    gx = _great_expectations()
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    from expectations.dialect import close, open_read_only, rows_of

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    try:
        source = open_read_only(context, database, memory_limit)
    except TestConnectionError as error:
        raise UnreadableDatabase(
            f"{database} cannot be opened to be judged: {duckdb_said(error.__cause__)}. "
            "Close what writes to it and judge again; build it anew if it is damaged."
        ) from error
    try:
        return [
            (_result(gx, source, suite), rows_of(source, suite.measurement) if suite.held else [])
            for suite in suites
        ]
    finally:
        close(source)


def _result(
    gx: ModuleType, source: SQLDatasource, suite: Suite
) -> ExpectationSuiteValidationResult:
    asset = source.add_query_asset(name=suite.name, query=suite.measurement)
    batch = asset.add_batch_definition_whole_table(suite.relation).get_batch()
    expected = gx.ExpectationSuite(name=suite.name, expectations=suite.expectations())
    # Rows are fetched with a query for each expectation, even where none fails: first only count.
    # Slices are few and their rows wanted anyway.
    if suite.tell is None:
        result = batch.validate(expected, result_format=_summary(suite, rows=0))
        if result.success:
            return result
    return batch.validate(expected, result_format=_summary(suite, rows=MOST_ROWS))


def _summary(suite: Suite, rows: int) -> dict[str, object]:
    # COMPLETE would bring every failing row into Python
    return {
        "result_format": "SUMMARY",
        "partial_unexpected_count": rows,
        "unexpected_index_column_names": list(suite.keys),
        "return_unexpected_index_query": False,
    }


def _great_expectations() -> ModuleType:
    # it makes 400,000 objects that stay: looking for garbage among them is a fifth of the import
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        import great_expectations
    finally:
        if was_collecting:
            gc.enable()
    return great_expectations
