"""A metric that counts by tags says so when one of them is renamed, or stands for another text than before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from contract_world import typed

from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites.metric_tags import metric_tags

COUNTING = typed("counting", data__locked_fields={"zendesk.tickets": {"tags": "varchar[]"}})
OTHER = typed("other", data__locked_fields={"zendesk.tickets": {"tags": "varchar[]"}})
UNTAGGED = typed("untagged", data__locked_fields={"zendesk.tickets": {"id": "bigint"}})

BUILD = """
create schema counted; create schema marts;
create table counted.metric_tags as
select *
from (values ('counting', 'refund'), ('counting', 'login'), ('other', 'login')) as used (metric, canonical_tag);
create table marts.tag_texts (
    source varchar, slice_kind varchar, slice varchar, canonical_tag varchar, since date, word varchar,
    baseline_share double, share double, change_elsewhere double, measured double
);
create table marts.renamed_tags (
    source varchar, raw_tag varchar, first_on date, previous_tag varchar, last_on date, previous_share double,
    share double, previous_stragglers bigint, stragglers bigint, previous_canonical_tag varchar,
    canonical_tag varchar, driver varchar
);
"""

TEXT = (
    "insert into marts.tag_texts values ('{source}', 'raw tag', 'refund_v1', 'refund', '2026-03-02', 'invoice',"
    " 0.7, 0.1, 0.01, {measured})"
)
NAME = (
    "insert into marts.renamed_tags values ('zendesk', 'intake_v2', '2026-03-02', 'refund_v1', '2026-03-01', 0.1,"
    " 0.1, 0, 0, 'refund', '{leads}', '{driver}')"
)


@pytest.fixture
def judged(tmp_path: Path) -> Callable[..., dict[str | None, Outcome]]:
    """The outcomes by metric, after these statements."""

    def judged(*changes: str) -> dict[str | None, Outcome]:
        database = tmp_path / "candidate.duckdb"
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            for statement in (BUILD, *changes):
                connection.execute(statement)
        outcomes = judge(database, [metric_tags([COUNTING, OTHER, UNTAGGED])])
        return {each.metric: each for each in outcomes}

    return judged


def test_metrics_that_lock_tags_are_held_and_silence_holds_nothing_against_them(judged):
    found = judged()
    assert set(found) == {"counting", "other"}
    assert {(each.passed, each.is_allowed) for each in found.values()} == {(None, True)}


@pytest.mark.parametrize(
    ("source", "measured", "passes"),
    [("zendesk", 0.59, False), ("zendesk", 0.2, True), ("intercom", 0.59, None)],
)
def test_a_tag_under_which_other_words_stand_speaks_against_the_metric_that_counts_by_it(
    judged, source, measured, passes
):
    found = judged(TEXT.format(source=source, measured=measured))
    assert (found["counting"].passed, found["other"].passed) == (passes, None)
    if passes is False:
        assert found["counting"].slice == "raw tag=refund_v1"
        assert (
            "the word 'invoice' went from 70.0% of conversations to 10.0%"
            in found["counting"].detail
        )


@pytest.mark.parametrize(
    ("leads", "driver", "passes"),
    [("unmapped", "unmapped", False), ("login", "access", False), ("refund", "billing", None)],
)
def test_a_renamed_tag_speaks_against_the_metric_until_both_names_lead_to_one(
    judged, leads, driver, passes
):
    found = judged(NAME.format(leads=leads, driver=driver))
    assert found["counting"].passed is passes
    # what comes to another tag's place changes its numbers too
    assert found["other"].passed is (False if leads == "login" else None)
    if passes is False:
        assert (
            "'refund_v1' (10.0% until 2026-03-01) has gone, and 'intake_v2'"
            in found["counting"].detail
        )
