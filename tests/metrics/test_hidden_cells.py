"""Suppression under attack: what is shown, taken from the total, against cells of every size."""

from __future__ import annotations

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.macros import macros

CELLS = st.lists(
    st.tuples(st.integers(1, 30), st.floats(0, 1)).map(lambda cell: (cell[0], round(cell[0] * cell[1]))),
    min_size=1, max_size=12,
)  # fmt: skip
"""Conversations and how many of them are counted."""


@pytest.fixture(scope="module")
def connection():
    return duckdb.connect()


def hidden(connection, cells: list[tuple[int, int]], smallest: int, kind: str) -> list[bool]:
    connection.execute(
        "create or replace table sizes (member integer, size integer, counted integer)"
    )
    connection.executemany(
        "insert into sizes values (?, ?, ?)", [(place, *cell) for place, cell in enumerate(cells)]
    )
    connection.execute(
        "create or replace table cells as select 'm' as metric, '1' as version, 1 as period_start, 'd' as within,"
        f" member, counted::double as numerator, size::double as denominator, size as conversations,"
        f" '{kind}' as value_kind, size < {smallest} as is_below from sizes"
    )
    query = macros("hidden_cells").hidden_cells("cells", smallest)
    return [is_hidden for (is_hidden,) in connection.execute(
        f"select is_hidden from ({query}) order by member"
    ).fetchall()]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(cells=CELLS, smallest=st.integers(2, 12), kind=st.sampled_from(["share", "count"]))
def test_what_is_hidden_is_never_told_by_what_is_shown(connection, cells, smallest, kind):
    found = hidden(connection, cells, smallest, kind)
    assert all(
        is_hidden for (size, _), is_hidden in zip(cells, found, strict=True) if size < smallest
    )
    kept = [cell for cell, is_hidden in zip(cells, found, strict=True) if is_hidden]
    if not any(size < smallest for size, _ in cells):
        assert not kept
    elif len(kept) < len(cells):
        sizes, counted = sum(size for size, _ in kept), sum(counted for _, counted in kept)
        assert len(kept) > 1
        assert sizes >= smallest
        assert kind != "share" or 0 < counted < sizes


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ([3, 4, 20, 30], [True, True, True, False]),
        ([3, 8, 20, 30], [True, True, False, False]),
        ([3, 20, 30], [True, True, False]),
        ([20, 30], [False, False]),
        ([3, 4], [True, True]),
    ],
)
def test_no_more_is_hidden_than_it_takes(connection, sizes, expected):
    cells = [(size, size // 2) for size in sizes]
    assert hidden(connection, cells, 10, "share") == expected


def test_a_share_whose_hidden_cells_hold_none_or_all_of_the_counted_hides_one_more(connection):
    assert hidden(connection, [(3, 0), (8, 0), (20, 10), (30, 1)], 10, "share") == [
        True,
        True,
        True,
        False,
    ]
    assert hidden(connection, [(3, 3), (8, 8), (20, 20), (30, 1)], 10, "share") == [True] * 4
    assert hidden(connection, [(3, 0), (8, 0), (20, 10), (30, 1)], 10, "count") == [
        True,
        True,
        False,
        False,
    ]
