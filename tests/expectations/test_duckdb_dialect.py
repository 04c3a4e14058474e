"""Every kind of expectation in use is evaluated on DuckDB and returns the ids that fail it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import great_expectations as gx
import pytest
from great_expectations import expectations as gxe

from expectations.dialect import close, open_read_only

TABLE = """
create schema marts;
create table marts.things as
select * from (values
    (1, 'a', 'x', 0.5, 'refund', true),
    (2, 'a', 'y', 1.5, 'refunds', true),
    (3, 'b', 'x', null, 'no refund', false),
    (4, null, 'x', 0.9, 'refund', true),
    (5, 'c', 'z', 0.1, 'refund', true),
    (6, 'c', 'z', 0.2, 'refund', true)
) as rows(id, letter, other, share, word, flag);
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
    (only,) = result.results
    assert not only.exception_info.get("raised_exception"), only.exception_info
    assert "observed_value" in only.result or "unexpected_count" in only.result
    return only


@pytest.mark.parametrize(
    ("expectation", "failing"),
    [
        (gxe.ExpectColumnValuesToNotBeNull(column="letter"), {4}),
        (gxe.ExpectColumnValuesToBeNull(column="share"), {1, 2, 4, 5, 6}),
        (gxe.ExpectColumnValuesToBeUnique(column="letter"), {1, 2, 5, 6}),
        (gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0.1, max_value=1), {2}),
        (
            gxe.ExpectColumnValuesToBeBetween(column="share", min_value=0.1, strict_min=True),
            {5},
        ),
        (gxe.ExpectColumnValuesToBeInSet(column="letter", value_set=["a", "b"]), {5, 6}),
        (gxe.ExpectColumnValuesToBeInSet(column="flag", value_set=[True]), {3}),
        (gxe.ExpectColumnValuesToNotBeInSet(column="letter", value_set=["b"]), {3}),
        (
            gxe.ExpectColumnPairValuesToBeEqual(column_A="letter", column_B="other"),
            {1, 2, 3, 4, 5, 6},
        ),
        (gxe.ExpectColumnValueLengthsToEqual(column="word", value=6), {2, 3}),
        (gxe.ExpectColumnValuesToMatchLikePattern(column="word", like_pattern="refund%"), {3}),
    ],
    ids=lambda value: getattr(value, "expectation_type", "ids"),
)
def test_an_expectation_returns_the_ids_of_the_rows_that_fail_it(source, expectation, failing):
    """
    An id is what a reader looks up; a count alone sends nobody anywhere.
    """
    result = validated(source, expectation)

    assert not result.success
    assert result.result["unexpected_count"] == len(failing)
    assert {row["id"] for row in result.result["partial_unexpected_index_list"]} == failing


def test_a_compound_key_returns_the_keys_that_are_not_unique(source):
    """
    Great Expectations gives no index rows here; the key itself is what a reader looks up.
    """
    result = validated(source, gxe.ExpectCompoundColumnsToBeUnique(column_list=["letter", "other"]))

    assert result.result["unexpected_count"] == 2
    assert result.result["partial_unexpected_list"] == [{"letter": "c", "other": "z"}] * 2


@pytest.mark.parametrize(
    ("expectation", "observed"),
    [
        (gxe.ExpectTableRowCountToBeBetween(min_value=7), 6),
        (gxe.ExpectColumnMinToBeBetween(column="share", min_value=0.2), 0.1),
        (gxe.ExpectColumnMaxToBeBetween(column="share", max_value=1), 1.5),
        (gxe.ExpectColumnSumToBeBetween(column="id", max_value=20), 21),
        (
            gxe.UnexpectedRowsExpectation(
                unexpected_rows_query="select id from {batch} where share > 0.8"
            ),
            2,
        ),
    ],
    ids=lambda value: getattr(value, "expectation_type", "observed"),
)
def test_an_expectation_on_the_whole_returns_what_it_observed(source, expectation, observed):
    result = validated(source, expectation)

    assert not result.success
    assert float(result.result["observed_value"]) == pytest.approx(observed)


def test_a_pattern_that_is_not_anchored_is_searched_for(source):
    """
    DuckDB 2.0 searches where 1.5 matched in full: a pattern says where it begins and ends.
    """
    loose = validated(source, gxe.ExpectColumnValuesToMatchRegex(column="word", regex="refund"))
    source.delete_asset("things")
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

    assert batch.columns() == ["id", "letter", "other", "share", "word", "flag"]


def test_the_file_is_opened_read_only(source):
    with (
        source.get_engine().connect() as connection,
        pytest.raises(Exception, match="read-only"),
    ):
        connection.exec_driver_sql("create table marts.written as select 1")
