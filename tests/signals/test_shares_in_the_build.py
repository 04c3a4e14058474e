"""Labels on their way from the ledger into the published shares."""

from __future__ import annotations

import json

import pytest
from running import Built, assay
from validation_world import Labelled

SHARES = """
    select value, counted_share, corrected_share, corrected_low, corrected_high, labels, is_simulated
    from marts.signal_shares where signal = 'sentiment' and cadence = 'all' order by value
"""

REASONS = """
    select distinct method, unvalidated_reason, labels
    from marts.signal_shares where signal = 'sentiment' and cadence = 'all'
"""


@pytest.fixture(scope="module")
def labelled_build(built: Built, tmp_path_factory) -> Built:
    """The small world with 80 labels of a simulated reviewer, recorded after it was built, and run again."""
    import shutil

    data = tmp_path_factory.mktemp("labelled") / "data"
    shutil.copytree(built.data, data, symlinks=True)
    world = Labelled(data, built.exports / "truth.parquet")
    assert world.validate("record", world.simulated("--n", 80)).code == 0
    ended = assay("run", "--exports", built.exports, data=data)
    assert ended.code == 0, ended.err
    return Built(data, built.exports, ended)


def test_a_build_without_labels_publishes_every_share_as_unvalidated(built):
    assert built.rows("select distinct method, labels from marts.signal_shares") == [
        ("unvalidated", 0)
    ]
    counted = built.rows(
        "select value, count(*) / (select count(*) from marts.fct_conversations where is_in_scope)"
        " from marts.fct_signals where signal = 'sentiment' and value is not null group by 1 order by 1"
    )
    assert [row[:2] for row in built.rows(SHARES)] == counted


def test_labels_recorded_since_are_published_by_the_next_run_as_the_report_says_them(
    labelled_build,
):
    world = Labelled(labelled_build.data, labelled_build.exports / "truth.parquet")
    told = sorted(world.report()["values"], key=lambda each: each["value"])
    assert labelled_build.rows(SHARES) == [
        (
            each["value"],
            pytest.approx(each["share"]["counted"]),
            pytest.approx(each["share"]["corrected"]),
            pytest.approx(each["share"]["low"]),
            pytest.approx(each["share"]["high"]),
            80,
            True,
        )
        for each in told
    ]
    # two months or more have conversations of the sheet, none has enough of them
    assert labelled_build.rows(
        "select distinct method from marts.signal_shares where cadence = 'month' and labels > 0"
    ) == [("unvalidated",)]


def test_labels_alone_build_nothing_but_what_follows_from_them(labelled_build):
    ran = json.loads((labelled_build.data / "dbt" / "run_results.json").read_text())["results"]
    built = {each["unique_id"].removeprefix("model.assay.") for each in ran}
    assert {"signal_shares", "metric_corrections"} <= built
    assert not {"metric_counts", "metric_evidence", "fct_signals", "signal_moves"} & built


def test_labels_published_once_are_not_published_again(labelled_build):
    before = labelled_build.published.resolve()
    assert assay("run", "--exports", labelled_build.exports, data=labelled_build.data).code == 0
    assert labelled_build.published.resolve() == before


@pytest.mark.worlds
def test_labels_of_fewer_conversations_correct_nothing(labelled_build, copy_of, tmp_path):
    """
    A week more of conversations, and of the whole nothing is known any more: nobody drew from them.
    """
    moment = "2026-09-29T10:00:00Z"
    ticket = {
        "id": 99_000_001, "created_at": moment, "updated_at": moment, "status": "open",
        "subject": "hello", "description": "Where is my order?", "requester_id": 1,
    }  # fmt: skip
    (tmp_path / "zendesk").mkdir()
    (tmp_path / "zendesk" / "tickets-later.ndjson").write_text(json.dumps({"ticket": ticket}))
    grown = copy_of(labelled_build)
    ended = assay("run", "--exports", tmp_path, data=grown.data)
    assert ended.code == 0, ended.out + ended.err
    assert grown.rows(REASONS) == [("unvalidated", "drawn from fewer conversations", 0)]
    months = "select count(*) from marts.signal_shares where cadence = 'month' and labels > 0"
    assert grown.value(months) > 0, "the months before are as they were"


@pytest.mark.worlds
def test_labels_of_texts_that_changed_correct_nothing(labelled_build, copy_of):
    """
    The ledger knows what was read: a text shown otherwise since is not what its label is of.
    """
    import duckdb

    changed = copy_of(labelled_build)
    with duckdb.connect(str(changed.data / "ledger.duckdb")) as ledger:
        ledger.execute("update validation_drawn set fingerprint = 'another' where place <= 40")
    ended = assay("run", "--exports", changed.exports, data=changed.data)
    assert ended.code == 0, ended.out + ended.err
    assert changed.rows(REASONS) == [("unvalidated", "labelled conversations changed since", 40)]


def test_the_scorecard_shows_signals_as_counted_and_as_corrected(labelled_build):
    shown = [line.split() for line in labelled_build.ended.out.splitlines()]
    ((low, high),) = labelled_build.rows(
        "select corrected_low, corrected_high from marts.signal_shares"
        " where signal = 'sentiment' and value = 'negative' and cadence = 'all'"
    )
    (sentiment,) = [line for line in shown if line[:2] == ["sentiment", "negative"]]
    assert sentiment[4:] == [f"({low:.1%}", "to", f"{high:.1%})", "80", "simulated"]
    (outcome,) = [line for line in shown if line[:2] == ["outcome", "resolved"]]
    assert outcome[3:] == ["unvalidated:", "too", "few", "labels", "0"]
