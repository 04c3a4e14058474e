"""A changed source field fails its metric's suite as a slice of its own; what is not measured says so."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from contracts.contract import Contract
from expectations.outcome import Outcome
from expectations.runner import judge
from expectations.suites.source_fields import source_fields
from orchestration import warehouse

MARTS = """
create schema marts;
create table marts.exports (
    source varchar, table_name varchar, file varchar, status varchar, seen bigint, kept bigint,
    loaded_at timestamptz
);
insert into marts.exports values
    ('zendesk', 'tickets', 'a.ndjson', 'loaded', 100, 100, '2026-02-01'),
    ('zendesk', 'audits', 'a.ndjson', 'loaded', 100, 100, '2026-02-01'),
    ('zendesk', 'tickets', 'b.ndjson', 'loaded', 40, 40, '2026-03-02');
create table marts.metric_contracts (metric varchar, version varchar, published_at timestamptz);
insert into marts.metric_contracts values ('reopen_rate', '1.0.0', '2026-03-01');
create table marts.field_changes (
    metric varchar, version varchar, source varchar, table_name varchar, field varchar, export_seq bigint,
    file varchar, kind varchar, position bigint, before varchar, after varchar, measured double, bound double,
    is_settled boolean
);
insert into marts.field_changes values
    ('reopen_rate', '1.0.0', 'zendesk', 'tickets', 'recipient', 9, 'b.ndjson', 'new field',
        null, null, 'text', null, null, true),
    ('reopen_rate', '0.9.0', 'zendesk', 'tickets', 'id', 9, 'b.ndjson', 'gone', 1, 'id', null, 1, 0, false),
    ('csat_good_share', '1.0.0', 'zendesk', 'tickets', 'id', 9, 'b.ndjson', 'gone', 1, 'id', null, 1, 0, false),
    ('reopen_rate', '1.0.0', 'zendesk', 'tickets', 'id', 9, 'b.ndjson', 'gone', 1, 'id', null, 1, 0, true)
"""


@pytest.fixture(scope="module")
def contract() -> Contract:
    read = warehouse.read_metric_contracts()
    return next(each for each in read.contracts if each.metric == "reopen_rate")


Judged = Callable[..., list[Outcome]]


@pytest.fixture
def judged(contract, tmp_path: Path) -> Judged:
    """What the suite comes to with these rows beside those of other metrics, versions and settled changes."""

    def outcomes(*rows: str, of: Contract = contract, but: str = "") -> list[Outcome]:
        database = tmp_path / "candidate.duckdb"
        database.unlink(missing_ok=True)
        with duckdb.connect(str(database)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            connection.execute(MARTS)
            connection.execute(but)
            for row in rows:
                connection.execute(
                    f"insert into marts.field_changes values ('reopen_rate', '1.0.0', {row}, false)"
                )
        return judge(database, [source_fields([of])])

    return outcomes


def test_without_an_open_change_it_holds_and_says_of_which_tables_nothing_was_compared(judged):
    (held,) = judged()
    assert (held.passed, held.is_measured, held.metric, held.version) == (
        True, True, "reopen_rate", "1.0.0",
    )  # fmt: skip
    assert held.detail == (
        "no locked field has changed beyond its bounds; not compared since its launch: "
        "nothing came of zendesk.audits"
    )
    came = (
        "insert into marts.exports values ('zendesk', 'audits', 'b', 'loaded', {}, 1, '2026-03-02')"
    )
    (whole,) = judged(but=came.format(40))
    assert whole.detail == "no locked field has changed beyond its bounds"
    (few,) = judged(but=came.format(6))
    assert few.passed
    assert few.detail.endswith(
        "not compared since its launch: of zendesk.audits came too few records, fewer than 20 in each export"
    )


@pytest.mark.parametrize(
    ("but", "said"),
    [
        (
            "update marts.exports set seen = 6 where file = 'b.ndjson'",
            "not compared since its launch: nothing came of zendesk.audits; "
            "of zendesk.tickets came too few records, fewer than 20 in each export",
        ),
        (
            "update marts.exports set kept = 19 where file = 'a.ndjson'",
            "not compared since its launch: nothing came of zendesk.audits; "
            "of zendesk.tickets came too few records, fewer than 20 in each export",
        ),
        (
            "delete from marts.exports where file = 'b.ndjson'",
            "nothing came of its tables since its launch, so no locked field is compared",
        ),
    ],
)
def test_a_metric_of_none_of_whose_tables_enough_came_is_not_measured(judged, but, said):
    (silent,) = judged(but=but)
    assert (silent.passed, silent.is_measured, silent.is_allowed) == (None, False, True)
    assert silent.detail == said


def test_a_version_that_was_never_launched_is_not_measured(judged, contract):
    (silent,) = judged(of=contract.model_copy(update={"version": "2.0.0"}))
    assert (silent.passed, silent.is_measured, silent.is_allowed) == (None, False, True)
    assert silent.detail.startswith("nothing came of its tables since its launch")


NO_AUDITS = "delete from marts.exports where table_name = 'audits'"


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0"])
def test_a_table_that_never_came_speaks_against_the_metric(judged, contract, version):
    (absent,) = judged(of=contract.model_copy(update={"version": version}), but=NO_AUDITS)
    assert (absent.passed, absent.is_measured, absent.is_allowed) == (None, False, False)
    assert absent.detail.startswith(
        "zendesk.audits never came: what it would tell is counted as nothing. Load an export of it"
    )
    only_refused = "update marts.exports set status = 'refused' where table_name = 'audits'"
    (refused,) = judged(of=contract.model_copy(update={"version": version}), but=only_refused)
    assert refused.detail == absent.detail


def test_a_table_that_the_contract_can_do_without_is_said_alone(judged, contract):
    data = contract.data.model_copy(update={"may_be_absent": ("zendesk.audits",)})
    (held,) = judged(of=contract.model_copy(update={"data": data}), but=NO_AUDITS)
    assert held.passed
    assert held.detail.endswith("not compared since its launch: nothing came of zendesk.audits")


def test_each_field_fails_once_where_it_was_first_seen_the_gone_first(judged):
    outcomes = judged(
        "'zendesk', 'tickets', 'status', 12, 'd.ndjson', 'new values', 3, 'open', 'OPEN', 0.4, 0.01",
        "'zendesk', 'tickets', 'status', 11, 'c.ndjson', 'new values', 7, 'open', 'OPEN', 0.3, 0.01",
        "'zendesk', 'audits', 'ticket_id', 12, 'd.ndjson', 'renamed', 1, 'ticket_id', 'ticket', 1, 0",
    )
    assert [(each.passed, each.slice, each.measured, each.period_start) for each in outcomes] == [
        (False, "field=zendesk.audits.ticket_id", 1.0, None),
        (False, "field=zendesk.tickets.status", 0.3, None),
    ]
    assert [each.detail for each in outcomes] == [
        "d.ndjson: zendesk.audits.ticket_id is gone, from record 1 on; ticket stands in its place.",
        "c.ndjson: zendesk.tickets.status holds OPEN in 30% of its values; known are open, from record 7 on."
        " 1 more export shows a change of it.",
    ]
    assert {(each.severity, each.blocks, each.metric) for each in outcomes} == {
        ("warning", False, "reopen_rate")
    }
    assert "assay contract revalidate reopen_rate" in outcomes[0].remedy


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (
            "'zendesk', 'tickets', 'id', 12, 'd.ndjson', 'gone', 1, 'id', null, 1, 0",
            "zendesk.tickets.id is gone, from record 1 on, and nothing stands in its place.",
        ),
        (
            "'zendesk', 'tickets', 'created_at', 12, 'd.ndjson', 'retyped', 2, 'time', 'number', 0.5, 0.05",
            "zendesk.tickets.created_at was time and is number in 50% of its values, from record 2 on.",
        ),
        (
            "'zendesk', 'tickets', 'status', 12, 'd.ndjson', 'emptied', 2, '1.0%', '80.0%', 0.79, 0.2",
            "zendesk.tickets.status has no value in 80.0% of its records, 1.0% before, from record 2 on.",
        ),
        (
            "'zendesk', 'audits', 'ticket_id', 12, 'd.ndjson', 'rescaled', 1, '4.2e+06', '2.5e+08', 60, 4",
            "zendesk.audits.ticket_id has moved by a factor of 60: half of its values are above 2.5e+08, "
            "4.2e+06 before.",
        ),
    ],
)
def test_what_became_of_a_field_is_a_sentence(judged, row, said):
    (outcome,) = judged(row)
    assert outcome.detail == f"d.ndjson: {said}"


def test_a_contract_without_locked_fields_is_not_held_to_them(contract):
    other = contract.model_copy(update={"metric": "other", "data": None})
    assert [each.metric for each in source_fields([contract, other]).held] == ["reopen_rate"]
