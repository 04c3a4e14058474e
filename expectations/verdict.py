"""How a result of Great Expectations reads: failed, silent, or not evaluated at all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from expectations.outcome import Outcome
from expectations.suite import RULES_OUT_SILENCE, Held, Row, Severity, Suite

if TYPE_CHECKING:
    from great_expectations.core import (
        ExpectationSuiteValidationResult,
        ExpectationValidationResult,
    )
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

MOST_ROWS = 200
"""Failing rows kept of a suite. Great Expectations fetches no more of any query."""

MOST_EXAMPLES = 20
"""Failing keys shown with one outcome: a screenful."""


def outcomes_of(
    suite: Suite, result: ExpectationSuiteValidationResult, measured: Sequence[Row] = ()
) -> list[Outcome]:
    """
    One outcome if the suite passed or was silent; else one per broken expectation or slice. Of a suite that holds
    metrics to their contracts so much for each metric, of whose rows `measured` are all.

    What could not be evaluated is one more outcome, not measured, beside what failed.
    """
    if suite.held:
        return list(_of_metrics(suite, result, measured))
    raised = [each for each in result.results if _reasons(each)]
    judged = [each for each in result.results if not _reasons(each)]
    broken = [each for each in judged if not each.success]
    if any(_rules_out_silence(each) for each in broken):
        is_allowed = suite.may_be_empty
        return [_unmeasured(suite, suite.when_silent, blocks=not is_allowed, is_allowed=is_allowed)]
    outcomes = [outcome for each in broken for outcome in _failures(suite, each)]
    if raised:
        outcomes.append(_unmeasured(suite, _why(suite, raised), blocks=True))
    return outcomes or [_passed(suite, judged)]


def _of_metrics(
    suite: Suite, result: ExpectationSuiteValidationResult, measured: Sequence[Row]
) -> Iterator[Outcome]:
    """What the suite comes to for each metric. One that nothing was measured of did not pass."""
    if raised := [each for each in result.results if _reasons(each)]:
        why = _why(suite, raised)
        for held in suite.held:
            yield _unmeasured(_of(suite, held), why, blocks=False, **_named(held))
        return
    broken = [each for each in result.results if not each.success]
    is_silence = {True: _rows_of_metrics(broken, True), False: _rows_of_metrics(broken, False)}
    left_out = any(
        each.result["unexpected_count"] > MOST_ROWS
        for each in broken
        if not _rules_out_silence(each)
    )
    worst: dict[str, Row] = {}
    for found in measured:
        # the worst of a metric comes first
        worst.setdefault(found["metric"], {key: _plain(value) for key, value in found.items()})
    for held in suite.held:
        own = _of(suite, held)
        row = worst.get(held.metric)
        facts = _named(held)
        silent, failing = (is_silence[kind].get(held.metric, []) for kind in (True, False))
        # where nothing need be measured, what was not is left aside
        is_judged = row is not None and row["measured"] is not None
        if row is None or not is_judged or (silent and not suite.may_be_empty):
            said_of = silent[0] if silent else row
            detail = _told_of(own, said_of) if said_of else own.when_silent
            need = row is not None and bool(row.get("must_be_measured"))
            is_allowed = suite.may_be_empty and not need
            yield _unmeasured(own, detail, blocks=False, is_allowed=is_allowed, **facts)
        elif failing:
            yield from (_slice(own, _told_of(own, each), each, "measured") for each in failing)
        elif left_out:
            detail = f"{suite.clause}: more than {MOST_ROWS} slices fail, those of this metric perhaps among them."
            yield _unmeasured(own, detail, blocks=False, **facts)
        else:
            yield _outcome(
                own,
                is_measured=True,
                passed=True,
                measured=_number(row["measured"]),
                period_start=_day(row["period_start"]),
                detail=_told_of(own, row),
                **facts,
            )


def _of(suite: Suite, held: Held) -> Suite:
    """The suite as one metric is held to it."""
    return replace(
        suite,
        owner=held.owner,
        bound=held.bound,
        limit=held.limit,
        remedy=held.remedy,
        file=held.file,
    )


def _named(held: Held) -> dict[str, Any]:
    return {"metric": held.metric, "version": held.version}


def _told_of(suite: Suite, row: Row) -> str:
    return suite.tell(row) if suite.tell else suite.when_silent


def _rows_of_metrics(
    broken: list[ExpectationValidationResult], is_silence: bool
) -> dict[str, list[Row]]:
    """The rows that fail, by metric: those that cannot be judged, or those that were."""
    found: dict[str, dict[tuple[Any, ...], Row]] = {}
    for each in broken:
        if _rules_out_silence(each) == is_silence:
            for row in _rows(each.result):
                found.setdefault(row["metric"], {})[tuple(row.values())] = row
    return {metric: list(rows.values()) for metric, rows in found.items()}


def _passed(suite: Suite, judged: list[ExpectationValidationResult]) -> Outcome:
    readings = [each.result["observed_value"] for each in judged if _rules_out_silence(each)]
    rows, *lowest = readings
    # rows whose compared column is null were not judged: say so rather than count them in
    unjudged = max((each.result.get("missing_count") or 0 for each in judged), default=0)
    aside = f"; not measured: {unjudged:,} of them" if unjudged else ""
    return _outcome(
        suite,
        is_measured=True,
        passed=True,
        measured=float(lowest[0]) if lowest else 0.0,
        detail=f"{suite.clause}: holds; {_counted(rows)} judged on {suite.relation}{aside}.",
    )


def _unmeasured(suite: Suite, detail: str, blocks: bool, **facts: Any) -> Outcome:
    return _outcome(
        suite,
        **facts,
        is_measured=False,
        passed=None,
        blocks=blocks and suite.severity == "blocking",
        # what stops nothing is not called blocking in a build that is published
        severity=None if blocks else "warning",
        detail=detail,
    )


def _failures(suite: Suite, failed: ExpectationValidationResult) -> Iterator[Outcome]:
    found = failed.result
    if "unexpected_count" not in found:
        yield _failed(suite, measured=_number(found["observed_value"]), detail=_read(suite, failed))
        return
    count, rows = found["unexpected_count"], _rows(found)
    if suite.tell is None:
        yield _failed(
            suite,
            measured=float(count),
            unexpected_count=count,
            examples=rows[:MOST_EXAMPLES],
            detail=_told(suite, failed, count, rows),
        )
        return
    for row in rows:
        yield _slice(suite, suite.tell(row), row, config(failed).kwargs["column"])
    if count > len(rows):
        yield _failed(
            suite,
            unexpected_count=count - len(rows),
            detail=f"{suite.name}: {count - len(rows):,} more slices fail, each by less.",
        )


def _slice(suite: Suite, sentence: str, row: Row, column: str) -> Outcome:
    kind, member = row.get("slice_kind"), row["slice"]
    return _failed(
        suite,
        measured=_number(row[column]),
        unexpected_count=1,
        period_start=_day(row["period_start"]),
        slice=f"{kind}={member}" if kind else "all",
        examples=[row],
        detail=sentence,
        # one suite may judge every metric: a failing row tells which one it is of
        **{name: row[name] for name in ("metric", "version") if name in row},
    )


def _failed(suite: Suite, **facts: Any) -> Outcome:
    return _outcome(
        suite, is_measured=True, passed=False, blocks=suite.severity == "blocking", **facts
    )


def _outcome(
    suite: Suite, *, blocks: bool = False, severity: Severity | None = None, **facts: Any
) -> Outcome:
    return Outcome(
        suite=suite.name,
        clause=suite.clause,
        relation=suite.relation,
        remedy=suite.remedy,
        owner=suite.owner,
        file=suite.file,
        bound=suite.bound,
        limit=suite.limit,
        blocks=blocks,
        severity=severity or suite.severity,
        **facts,
    )


def _told(suite: Suite, failed: ExpectationValidationResult, count: int, rows: list[Row]) -> str:
    first = ", ".join(f"{key} {value}" for key, value in rows[0].items()) if rows else "unnamed"
    return (
        f"{suite.relation}: expected that {_expected(failed)}; "
        f"{count:,} of {_counted(failed.result['element_count'])} fail, the first: {first}."
    )


def _read(suite: Suite, failed: ExpectationValidationResult) -> str:
    observed = failed.result["observed_value"]
    return f"{suite.relation}: expected that {_expected(failed)}; observed {observed}."


def _expected(failed: ExpectationValidationResult) -> str:
    return str(config(failed).description or config(failed).type)


def config(result: ExpectationValidationResult) -> ExpectationConfiguration:
    """The expectation that a result is of."""
    if result.expectation_config is None:
        raise TypeError("a result came without the expectation it is of")
    return result.expectation_config


def _counted(rows: int) -> str:
    return f"{rows:,} row" if rows == 1 else f"{rows:,} rows"


def _rows(found: Mapping[str, Any]) -> list[Row]:
    """The keys of failing rows, each once, in values that any reader of JSON takes."""
    rows = found.get("partial_unexpected_index_list")
    if rows is None:
        # keys of several columns come as the values they are, without an index
        rows = [row for row in found.get("partial_unexpected_list", []) if isinstance(row, dict)]
    plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
    return list({tuple(row.items()): row for row in plain}.values())


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date) else value


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) else None


def _why(suite: Suite, raised: list[ExpectationValidationResult]) -> str:
    reasons = dict.fromkeys(reason for each in raised for reason in _reasons(each))
    return f"{suite.name} could not be judged on {suite.relation}: {'; '.join(reasons)}."


def _reasons(result: ExpectationValidationResult) -> list[str]:
    info: Mapping[str, Any] = result.exception_info or {}
    # one exception stands bare; those of metrics are keyed by the metric that raised
    raised = [info] if "raised_exception" in info else list(info.values())
    return [duckdb_said(each["exception_message"]) for each in raised if each["raised_exception"]]


def duckdb_said(error: object) -> str:
    """What DuckDB said, without the statement and links that SQLAlchemy wraps it in."""
    first = str(error).strip().split("\n", 1)[0]
    return re.sub(r"^\(\S+\) ", "", first).rstrip(".!")


def _rules_out_silence(result: ExpectationValidationResult) -> bool:
    meta: Mapping[str, Any] = config(result).meta or {}
    return RULES_OUT_SILENCE.items() <= meta.items()


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value[:10])
