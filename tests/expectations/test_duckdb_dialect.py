"""Every kind of expectation that a suite holds is evaluated on DuckDB and returns the ids of what fails it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pytest
from great_expectations import expectations as gxe
from running import ROOT

from expectations.dialect import close, open_read_only

TABLE = """
create schema marts;
create table marts.things as
select * from (values
    (1, 'a', 'x', 0.5, 0.2, 'refund', true),
    (2, 'a', 'y', 1.5, 1.5, 'refunds', true),
    (3, 'b', 'x', null, 0.9, 'no refund', false),
    (4, null, 'x', 0.9, 1.0, 'refund', true),
    (5, 'c', 'z', 0.1, null, 'refund', true),
    (6, 'c', 'z', 0.2, 0.1, 'refund', true)
) as rows(id, letter, other, share, bound, word, flag);
"""


@pytest.fixture
def source(tmp_path: Path) -> Iterator[Any]:
    database = tmp_path / "candidate.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute(TABLE)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    opened = open_read_only(context, database)
    yield opened
    close(opened)


def validated(source: Any, expectation: Any, query: str = "select * from marts.things") -> Any:
    asset = source.add_query_asset(name="things", query=query)
    result = (
        asset.add_batch_definition_whole_table("whole")
        .get_batch()
        .validate(
            gx.ExpectationSuite(name="suite", expectations=[expectation]),
            result_format={
                "result_format": "SUMMARY",
                "partial_unexpected_count": 200,
                "unexpected_index_column_names": ["id"],
                "return_unexpected_index_query": False,
            },
        )
    )
    source.delete_asset("things")
    (only,) = result.results
    assert not only.exception_info.get("raised_exception"), only.exception_info
    assert "observed_value" in only.result or "unexpected_count" in only.result
    return only


def larger(or_equal: bool) -> Any:
    """A share beside its bound, as every clause of a metric is judged."""
    return gxe.ExpectColumnPairValuesAToBeGreaterThanB(
        column_A="share",
        column_B="bound",
        or_equal=or_equal,
        ignore_row_if="either_value_is_missing",
    )


ROWS = [
    (gxe.ExpectColumnValuesToNotBeNull(column="letter"), {4}),
    (gxe.ExpectColumnValuesToBeUnique(column="letter"), {1, 2, 5, 6}),
    (gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0.1, max_value=1), {2}),
    (gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0.1, strict_min=True), {5}),
    (gxe.ExpectColumnValuesToBeInSet(column="letter", value_set=["a", "b"]), {5, 6}),
    (gxe.ExpectColumnValuesToBeInSet(column="flag", value_set=[True]), {3}),
    (
        gxe.ExpectColumnPairValuesToBeEqual(column_A="letter", column_B="other"),
        {1, 2, 3, 4, 5, 6},
    ),
    # of rows 3 and 5 one side is null: they are ruled out by an expectation of their own
    (larger(or_equal=True), {4}),
    (larger(or_equal=False), {2, 4}),
]
"""An expectation that fails, and the ids of the rows that fail it."""

KEYS = gxe.ExpectCompoundColumnsToBeUnique(column_list=["letter", "other"])

WHOLES = [
    (gxe.ExpectTableRowCountToBeBetween(min_value=7), 6),
    (gxe.ExpectColumnMinToBeBetween(column="share", min_value=0.2), 0.1),
]
"""An expectation on the whole that fails, and what it observes."""


def test_every_kind_of_expectation_that_a_suite_holds_is_tested_here():
    """
    A kind that DuckDB cannot answer would be found out by whoever waits for its verdict.
    """
    held = {
        expectation["type"]
        for path in (ROOT / "expectations" / "rendered").glob("*.json")
        for expectation in json.loads(path.read_text(encoding="utf-8"))["expectations"]
    }
    tested = {each.expectation_type for each in (KEYS, *(each for each, _ in ROWS + WHOLES))}

    assert len(held) >= 9
    assert held <= tested, held - tested


@pytest.mark.parametrize(
    ("expectation", "failing"), ROWS, ids=lambda value: getattr(value, "expectation_type", "ids")
)
def test_an_expectation_returns_the_ids_of_the_rows_that_fail_it(source, expectation, failing):
    """
    An id is what a reader looks up; a count alone sends nobody anywhere.
    """
    result = validated(source, expectation)

    assert not result.success
    assert result.result["unexpected_count"] == len(failing)
    assert {row["id"] for row in result.result["partial_unexpected_index_list"]} == failing


@pytest.mark.parametrize(
    ("expectation", "failing"), ROWS, ids=lambda value: getattr(value, "expectation_type", "ids")
)
def test_an_expectation_passes_where_the_rows_that_fail_it_are_gone(source, expectation, failing):
    query = f"select * from marts.things where id not in ({', '.join(map(str, failing))})"
    result = validated(source, expectation, query)

    assert result.success
    assert result.result["unexpected_count"] == 0


def test_a_pair_of_which_one_side_is_null_is_counted_as_missing_and_not_as_failing(source):
    """
    Only then may another expectation, that nothing is null, tell "not measured" from "measured bad".
    """
    nulls = "select * from marts.things where share is null or bound is null"
    result = validated(source, larger(or_equal=True), nulls)

    assert result.success
    assert result.result["missing_count"] == 2
    assert result.result["unexpected_count"] == 0


@pytest.mark.parametrize(("or_equal", "passes"), [(True, True), (False, False)])
def test_a_measurement_that_equals_its_bound_passes_where_the_bound_may_be_met(
    source, or_equal, passes
):
    equal = "select * from marts.things where share = bound"
    assert validated(source, larger(or_equal), equal).success is passes


def test_a_compound_key_returns_the_keys_that_are_not_unique(source):
    """
    Great Expectations gives no index rows here; the key itself is what a reader looks up.
    """
    result = validated(source, KEYS)

    assert result.result["unexpected_count"] == 2
    assert result.result["partial_unexpected_list"] == [{"letter": "c", "other": "z"}] * 2


@pytest.mark.parametrize(
    ("expectation", "observed"),
    WHOLES,
    ids=lambda value: getattr(value, "expectation_type", "observed"),
)
def test_an_expectation_on_the_whole_returns_what_it_observed(source, expectation, observed):
    result = validated(source, expectation)

    assert not result.success
    assert float(result.result["observed_value"]) == pytest.approx(observed)


def test_a_pattern_that_is_not_anchored_is_searched_for(source):
    """
    No suite holds a pattern; the dialect answers them all the same. DuckDB 2.0 searches where 1.5 matched in full.
    """
    loose = validated(source, gxe.ExpectColumnValuesToMatchRegex(column="word", regex="refund"))
    exact = validated(source, gxe.ExpectColumnValuesToMatchRegex(column="word", regex="^refund$"))

    assert loose.success
    assert {row["id"] for row in exact.result["partial_unexpected_index_list"]} == {2, 3}


@pytest.mark.filterwarnings("ignore:`schema_name` is deprecated")
def test_a_table_is_reflected_from_duckdbs_own_catalog(source):
    """
    PostgreSQL's catalog, which SQLAlchemy would ask, lacks pg_collation in DuckDB.
    """
    asset = source.add_table_asset(name="things", table_name="things", schema_name="marts")
    batch = asset.add_batch_definition_whole_table("whole").get_batch()

    assert batch.columns() == ["id", "letter", "other", "share", "bound", "word", "flag"]


def test_the_file_is_opened_read_only(source):
    with (
        source.get_engine().connect() as connection,
        pytest.raises(Exception, match="read-only"),
    ):
        connection.exec_driver_sql("create table marts.written as select 1")
