"""What moved when another version of a classifier answered: found once, kept, and told in a line."""

from __future__ import annotations

import io

import duckdb
import pytest
from rich.console import Console

from orchestration import signal_moves
from orchestration.cli.scorecard import show_moves
from orchestration.ledger import SIGNAL_MOVES, Ledger
from orchestration.scorecard import SIGNAL_MOVES as MOVES
from orchestration.scorecard import read_moves
from orchestration.stores import Stores

FIRST, SECOND = "assay-20261001T000000000Z.duckdb", "assay-20261002T000000000Z.duckdb"
OLD = {"sentiment": ["negative", "neutral", "neutral", None], "outcome": ["resolved"] * 4}
NEW = {
    "sentiment": ["negative", "negative", "negative", "neutral", "neutral"],
    "outcome": ["escalated"] * 5,
}
FOUND = [
    (FIRST, "sentiment", "weights", "1.0.0", "weights", "1.1.0", *rest)
    for rest in [("negative", "negative", 1), ("neutral", "negative", 2), (None, "neutral", 1)]
]


def write_marts(path, answers, version):
    """Marts with these answers of sentiment's version; outcome's is always the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    rows = [
        (f"c{number}", signal, value, "weights", version if signal == "sentiment" else "1.0.0")
        for signal, values in answers.items()
        for number, value in enumerate(values)
    ]
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "create schema marts; create table marts.fct_signals (conversation_id varchar,"
            " signal varchar, value varchar, classifier varchar, classifier_version varchar)"
        )
        connection.executemany("insert into marts.fct_signals values (?, ?, ?, ?, ?)", rows)
        connection.execute(
            "create table marts.signal_shares as select distinct 'all' as cadence, signal,"
            " classifier, classifier_version from marts.fct_signals"
        )


@pytest.fixture
def stores(tmp_path) -> Stores:
    """A published build, and a candidate of another version with one conversation more."""
    stores = Stores.at(tmp_path)
    write_marts(stores.published / FIRST, OLD, "1.0.0")
    stores.pointer.symlink_to(FIRST)
    write_marts(stores.candidate, NEW, "1.1.0")
    return stores


def kept(stores):
    with Ledger.open(stores.ledger) as ledger:
        return signal_moves.read(ledger.connection)


def test_of_a_signal_whose_version_changed_every_value_before_and_after_is_counted(stores):
    """
    Outcome has other values too, by the same version: its conversations changed, not its classifier.
    """
    assert signal_moves.record(stores)
    assert kept(stores) == FOUND


def test_what_was_found_is_recorded_once_and_a_later_finding_of_the_same_build_counts(stores):
    signal_moves.record(stores)
    assert not signal_moves.record(stores), "a run that was killed finds the same again"
    write_marts(stores.candidate, OLD, "1.0.0")
    assert signal_moves.record(stores), "the version was taken back before it was published"
    assert kept(stores) == []
    assert not signal_moves.record(stores)
    write_marts(stores.candidate, NEW, "1.1.0")
    signal_moves.record(stores)
    assert kept(stores) == FOUND


def test_what_moved_is_kept_when_the_next_build_changes_nothing(stores):
    signal_moves.record(stores)
    write_marts(stores.published / SECOND, NEW, "1.1.0")
    stores.pointer.unlink()
    stores.pointer.symlink_to(SECOND)
    assert not signal_moves.record(stores)
    assert kept(stores) == FOUND


def test_before_anything_is_published_nothing_moves(stores):
    stores.pointer.unlink()
    assert not signal_moves.record(stores)


def told(stores, build):
    with duckdb.connect(str(build)) as connection, Ledger.open(stores.ledger) as ledger:
        connection.execute("create schema if not exists marts")
        connection.execute(f"create or replace table marts.signal_moves ({SIGNAL_MOVES})")
        connection.executemany(
            f"insert into marts.signal_moves values ({', '.join('?' * 9)})",
            signal_moves.read(ledger.connection),
        )
        page = io.StringIO()
        show_moves(
            read_moves(connection, build, "signal_moves", MOVES), Console(file=page, width=300)
        )
        return page.getvalue()


def test_a_scorecard_tells_what_moved_since_the_build_before_and_of_no_earlier_one(stores):
    signal_moves.record(stores)
    assert told(stores, stores.published / SECOND) == (
        "sentiment, before by weights 1.0.0, now by weights 1.1.0: 3 of 4 moved: "
        "2 neutral → negative, 1 abstained → neutral.\n"
    )
    assert told(stores, stores.published / SECOND.replace("02T", "03T")) == ""
