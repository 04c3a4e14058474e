"""The floor stays honest: it writes the marts that the product publishes, row for row."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from . import floor
from .agreement import differing_rows
from .compiled import FOLDER


@pytest.fixture(scope="module")
def floor_marts(world, built, tmp_path_factory) -> Path:
    """The small world's marts as the hand-written script makes them."""
    return floor.write_marts(
        world, tmp_path_factory.mktemp("floor"), built.data / FOLDER, lambda *_: None
    )


@pytest.fixture(scope="module")
def differing(built, floor_marts) -> dict[str, int]:
    return differing_rows(floor_marts, built.published)


def test_floor_and_product_count_the_same_conversations_under_each_driver(built, floor_marts):
    totals = (
        "select cadence, driver, sum(conversations) from marts.rollup_drivers"
        " group by all order by all"
    )
    with duckdb.connect(str(floor_marts), read_only=True) as connection:
        assert connection.execute(totals).fetchall() == built.rows(totals)


def test_floor_and_product_mask_and_number_the_same_messages(differing):
    assert differing["fct_messages"] == 0


def test_floor_and_product_measure_the_same_coverage(differing):
    assert differing["coverage"] == 0
    assert differing["coverage_judged"] == 0


def test_every_mart_of_the_floor_is_the_products(differing):
    """
    Of exports the floor knows names and sizes only, so there only the names are compared.
    """
    assert {mart: rows for mart, rows in differing.items() if rows} == {}
    assert {
        "fct_conversations", "fct_conversation_tags", "fct_signals", "unmapped_tags",
    } <= set(differing)  # fmt: skip


def test_two_builds_that_differ_are_told_apart(built, floor_marts, tmp_path):
    changed = tmp_path / "changed.duckdb"
    changed.write_bytes(floor_marts.read_bytes())
    with duckdb.connect(str(changed)) as connection:
        connection.execute("update marts.coverage set loaded = loaded + 1 where slice = 'email'")
        ((touched,),) = connection.execute(
            "select count(*) from marts.coverage where slice = 'email'"
        ).fetchall()
    found = differing_rows(changed, built.published)
    assert found["coverage"] == 2 * touched > 0
    assert found["fct_messages"] == 0
