"""The one place that runs Great Expectations: suites in, outcomes out."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from expectations.outcome import Outcome
from expectations.suite import Suite
from expectations.verdict import MOST_ROWS, config, duckdb_said, outcomes_of

if TYPE_CHECKING:
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.datasource.fluent import SQLDatasource
    from great_expectations.expectations.expectation import Expectation

SUITE = "suite"
"""Key in the meta of an expectation: suites that are judged together are told apart by it."""


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
    results = _validate(database, suites, memory_limit)
    outcomes = [
        outcome
        for suite, result in zip(suites, results, strict=True)
        for outcome in outcomes_of(suite, result)
    ]
    if data_docs is not None:
        from expectations.data_docs import write_site

        write_site(data_docs, suites, results, outcomes, judged_at=datetime.now(UTC))
    return outcomes


def _validate(
    database: Path, suites: Sequence[Suite], memory_limit: str | None
) -> list[ExpectationSuiteValidationResult]:
    gx = _great_expectations()
    from great_expectations.datasource.fluent.interfaces import TestConnectionError

    from expectations.dialect import close, open_read_only

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
        found: dict[str, ExpectationSuiteValidationResult] = {}
        for asked in _asked_together(suites):
            found |= _results(gx, source, asked)
        return [found[suite.name] for suite in suites]
    finally:
        close(source)


def _asked_together(suites: Sequence[Suite]) -> list[list[Suite]]:
    """Suites of one measurement share a batch: with one each, Great Expectations took five times as long."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[Suite]] = {}
    for suite in suites:
        groups.setdefault((suite.relation, suite.measurement, suite.keys), []).append(suite)
    return list(groups.values())


def _results(
    gx: ModuleType, source: SQLDatasource, suites: Sequence[Suite]
) -> dict[str, ExpectationSuiteValidationResult]:
    first = suites[0]
    asset = source.add_query_asset(name=first.name, query=first.measurement)
    batch = asset.add_batch_definition_whole_table(first.relation).get_batch()

    def validated(asked: Sequence[Suite], rows: int) -> ExpectationSuiteValidationResult:
        expectations = [each for suite in asked for each in _of(suite)]
        expected = gx.ExpectationSuite(name=first.name, expectations=expectations)
        return batch.validate(expected, result_format=_summary(first, rows))

    # Rows are fetched with a query for each expectation, even where none fails: first only count.
    # Slices of one suite are few and their rows wanted anyway.
    if len(suites) == 1 and first.tell is not None:
        return {first.name: validated(suites, MOST_ROWS)}
    told = _by_suite(suites, validated(suites, rows=0))
    if broken := [suite for suite in suites if not told[suite.name].success]:
        told |= _by_suite(broken, validated(broken, MOST_ROWS))
    return told


def _of(suite: Suite) -> Iterator[Expectation]:
    """The expectations of a suite, of the rows of its metric where it is of one; each knows its suite."""
    from great_expectations.expectations.row_conditions import Column

    # only those that ask of rows or columns have a condition, as all in use do
    asked: list[Any] = list(suite.expectations())
    for expectation in asked:
        expectation.meta = {**(expectation.meta or {}), SUITE: suite.name}
        if suite.metric is not None:
            expectation.row_condition = Column("metric") == suite.metric
        yield expectation


def _by_suite(
    suites: Sequence[Suite], result: ExpectationSuiteValidationResult
) -> dict[str, ExpectationSuiteValidationResult]:
    """The results of several suites, judged together, each as a result of its own."""
    from great_expectations.core import ExpectationSuiteValidationResult
    from great_expectations.validator.validation_statistics import calc_validation_statistics

    of_suite: dict[str, list[ExpectationValidationResult]] = {suite.name: [] for suite in suites}
    for each in result.results:
        of_suite[config(each).meta[SUITE]].append(each)
    return {
        name: ExpectationSuiteValidationResult(
            success=all(each.success for each in own),
            results=own,
            suite_name=name,
            statistics=calc_validation_statistics(own)._asdict(),
            meta=result.meta,
        )
        for name, own in of_suite.items()
    }


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
