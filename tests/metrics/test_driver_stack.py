"""The Driver Stack under every reported movement, and the audit that tells which layer is missing."""

from __future__ import annotations

import shutil

import duckdb
import pytest

from expectations.runner import judge
from expectations.suites import driver_stack


@pytest.fixture
def stacked(built, tmp_path):
    """A copy of the published build to change, judged after."""

    def judged(*changes: str):
        copy = tmp_path / "copy.duckdb"
        shutil.copyfile(built.published, copy)
        with duckdb.connect(str(copy)) as connection:
            for change in changes:
                connection.execute(change)
        return judge(copy, [driver_stack()])

    return judged


def moved(built) -> set[str]:
    """The metrics of which some part moved."""
    return {
        metric
        for (metric,) in built.rows(
            "select metric from marts.metric_movements where kind = 'cell' and part != 0"
        )
    }


def test_the_parts_published_of_every_movement_sum_to_its_change(built):
    rows = built.rows(
        """
        select sum(part), any_value(total_after - total_before), sum(mix + rate), any_value(kind)
        from marts.metric_movements group by metric
        """
    )
    assert rows
    for parts, change, mix_and_rate, _ in rows:
        assert abs(parts - change) <= 1e-12 * max(1, abs(change))
        assert mix_and_rate is None or abs(mix_and_rate - change) <= 1e-12 * max(1, abs(change))


def test_a_movement_is_of_the_last_two_complete_periods_with_a_value(built):
    found = built.rows(
        "select distinct metric, previous_start, period_start, total_before, total_after"
        " from marts.metric_movements"
    )
    for metric, before, after, total_before, total_after in found:
        last = built.rows(
            "select period_start, value from counted.metric_counts where dimension = 'all' and is_complete"
            f" and value is not null and metric = '{metric}' order by period_start desc limit 2"
        )
        assert [after, before] == [start for start, _ in last]
        assert [total_after, total_before] == pytest.approx([value for _, value in last])


def test_every_reported_movement_has_all_four_layers(built):
    assert {metric for (metric,) in built.rows("select metric from marts.driver_stack")} == moved(
        built
    )
    assert not built.rows(
        """
        from marts.driver_stack
        where signal is null or signal_value is null or driver is null or canonical_tag is null or quote is null
        """
    )


def test_a_quote_is_of_the_driver_and_tag_it_stands_under(built):
    """
    The tag moved within the driver, so it is one of the driver's, and the quote is of a conversation of it.
    """
    assert not built.rows(
        """
        select stack.* from marts.driver_stack as stack
        where not exists (
            select 1 from marts.metric_membership as units
            where units.metric = stack.metric and units.conversation_id = stack.conversation_id
                and units.driver = stack.driver
        ) or not exists (
            select 1 from marts.metric_membership as units
            where units.metric = stack.metric and units.driver = stack.driver
                and units.canonical_tag = stack.canonical_tag
        )
        """
    )


def test_a_quote_is_of_the_tag_it_stands_under_wherever_one_is_to_be_had(built):
    rows = built.rows(
        """
        select stack.quote_is_of_tag, stack.canonical_tag = units.canonical_tag, exists (
            from marts.metric_evidence as quotes
            where quotes.metric = stack.metric and quotes.driver = stack.driver
                and quotes.canonical_tag = stack.canonical_tag and quotes.side = 'for' and trim(quotes.quote) != ''
                and quotes.period_start in (stack.previous_start, stack.period_start)
        )
        from marts.driver_stack as stack
        inner join marts.fct_measured as conversations using (conversation_id)
        cross join (select conversations.primary_canonical_tag as canonical_tag) as units
        """
    )
    assert {said for said, *_ in rows} == {True, False}
    for said, is_so, is_to_be_had in rows:
        assert said == is_so
        assert said or not is_to_be_had


def test_a_whole_stack_passes(stacked):
    (outcome,) = stacked()
    assert outcome.passed
    assert outcome.severity == "warning"


@pytest.mark.parametrize(
    ("column", "layer"),
    [
        ("signal", "signal"), ("signal_value", "signal"), ("driver", "driver"),
        ("canonical_tag", "canonical tag"), ("quote", "quote"),
    ],
)  # fmt: skip
def test_a_layer_that_is_blank_is_named_and_told_of_its_metric(stacked, built, column, layer):
    ((metric, version),) = built.rows(
        "select metric, version from marts.driver_stack order by metric limit 1"
    )
    (outcome,) = stacked(
        f"update counted.stacked_parts set {column} = null where rank = 1 and metric = '{metric}'"
    )
    assert (outcome.passed, outcome.blocks) == (False, False)
    assert (outcome.metric, outcome.version) == (metric, version)
    assert outcome.detail.endswith(f"the driver stack lacks: {layer}.")


def test_a_movement_without_any_stack_is_told(stacked, built):
    outcomes = stacked("delete from counted.stacked_parts")
    assert {each.metric for each in outcomes} == moved(built)
    assert all("no driver stack tells why" in each.detail for each in outcomes)


def test_where_nothing_moved_there_is_nothing_to_judge(stacked):
    (outcome,) = stacked("delete from counted.stacked_parts", "delete from counted.movement_parts")
    assert (outcome.is_measured, outcome.blocks) == (False, False)
