"""A tag moved to another driver by an edit in place is found by comparing builds, kept, and told in a line."""

from __future__ import annotations

import io

import duckdb
import pytest
from rich.console import Console

from orchestration import taxonomy_moves
from orchestration.cli.scorecard import show_taxonomy_moves
from orchestration.ledger import Ledger
from orchestration.scorecard import TAXONOMY_MOVES, read_moves
from orchestration.stores import Stores

FIRST, SECOND = "assay-20261001T000000000Z.duckdb", "assay-20261002T000000000Z.duckdb"

BEFORE = [
    ("c1", "refund", "refund_request", "billing"),
    ("c2", "refund", "refund_request", "billing"),
    ("c1", "vip", "system", "system"),
    ("c2", "tbd", "unmapped", "unmapped"),
    ("c3", "bug", "bug", "defects"),
    # moved by a window of the seed, and so of two drivers before and after
    ("c3", "fee", "fee", "billing"),
    ("c4", "fee", "fee", "plans"),
]
AFTER = [
    ("c1", "refund", "refund_request", "service"),
    ("c2", "refund", "refund_request", "service"),
    ("c5", "refund", "refund_request", "service"),
    ("c1", "vip", "vip_care", "service"),
    ("c2", "tbd", "refund_request", "service"),
    ("c3", "bug", "crash", "defects"),
    ("c3", "fee", "fee", "billing"),
    ("c4", "fee", "fee", "plans"),
]
FOUND = [(FIRST, "refund", "refund_request", "refund_request", "billing", "service", 2)]


def write_marts(path, tags):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.fct_conversation_tags"
            " (conversation_id varchar, raw_tag varchar, canonical_tag varchar, driver varchar)"
        )
        connection.executemany("insert into marts.fct_conversation_tags values (?, ?, ?, ?)", tags)


@pytest.fixture
def stores(tmp_path) -> Stores:
    """A published build, and a candidate since refunds were given to another driver in place."""
    stores = Stores.at(tmp_path)
    write_marts(stores.published / FIRST, BEFORE)
    stores.pointer.symlink_to(FIRST)
    write_marts(stores.candidate, AFTER)
    return stores


def kept(stores):
    with Ledger.open(stores.ledger) as ledger:
        return taxonomy_moves.read(ledger.connection)


def test_only_tags_of_conversations_counted_before_that_left_a_driver_moved(stores):
    """
    A tag learnt since, another canonical tag of the same driver, a window of the seed and a new conversation
    move nothing.
    """
    assert taxonomy_moves.record(stores)
    assert kept(stores) == FOUND


def test_what_was_found_is_recorded_once_and_taken_back_with_the_edit(stores):
    taxonomy_moves.record(stores)
    assert not taxonomy_moves.record(stores), "a run that was killed finds the same again"
    write_marts(stores.candidate, BEFORE)
    assert taxonomy_moves.record(stores), "the edit was taken back before it was published"
    assert kept(stores) == []
    assert not taxonomy_moves.record(stores)


def told(stores, build):
    with duckdb.connect(str(build)) as connection:
        connection.execute("create schema if not exists marts")
        connection.execute(
            "create or replace table marts.taxonomy_moves (previous_build varchar, raw_tag varchar,"
            " previous_canonical_tag varchar, canonical_tag varchar, previous_driver varchar,"
            " driver varchar, conversations bigint)"
        )
        connection.executemany(
            "insert into marts.taxonomy_moves values (?, ?, ?, ?, ?, ?, ?)", kept(stores)
        )
        page = io.StringIO()
        rows = read_moves(connection, build, "taxonomy_moves", TAXONOMY_MOVES)
        show_taxonomy_moves(rows, Console(file=page, width=300))
        return page.getvalue()


def test_a_scorecard_tells_in_a_line_what_moved_since_the_build_before(stores):
    taxonomy_moves.record(stores)
    assert told(stores, stores.published / SECOND) == (
        "The taxonomy was edited: 2 tags of conversations counted before moved to another driver: "
        "2 billing → service. See marts.taxonomy_moves.\n"
    )
    assert told(stores, stores.published / SECOND.replace("02T", "03T")) == ""


def test_a_build_from_before_builds_were_compared_tells_of_no_move(stores):
    with duckdb.connect(str(stores.published / SECOND)) as connection:
        connection.execute(
            "create schema marts; create table marts.taxonomy_moves (raw_tag varchar)"
        )
        build = stores.published / SECOND
        assert read_moves(connection, build, "taxonomy_moves", TAXONOMY_MOVES) == []
