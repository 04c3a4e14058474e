"""What whoever sees a check fail in Dagster is given to read first."""

from __future__ import annotations

import re
import shutil

import dagster as dg
import duckdb
import pytest
from running import Built

from orchestration.assets.audit import audit
from orchestration.progress import LogProgress
from orchestration.stores import Stores

DRIFTED, QUOTELESS, LATE = "reopen_rate", "unanswered_share", "csat_good_share"
COUNTING_TAGS = "repeat_contact_rate"

_HARMS = f"""
create temp table twice as
select * from marts.fct_messages order by conversation_id, message_no limit 2;
insert into marts.fct_messages from twice;
insert into marts.fct_messages
select twice.* replace ('zendesk:](http://evil' as conversation_id) from twice, range(2);
delete from marts.fct_signals
where signal = 'outcome' and conversation_id = (select max(conversation_id) from marts.fct_signals);
update marts.fct_signals
set abstain_reason = 'none'
where signal = 'outcome'
    and conversation_id = (
        select min(conversation_id) from marts.fct_signals where value is not null and signal = 'outcome'
    );
update counted.metric_drift
set measured = 9 * bound, is_over = true, slice_kind = 'driver', slice = 'billing_payments',
    baseline = 0.1, current = 0.4, announced = null, not_measured = null,
    examples_before = (select list(conversation_id)[:2] from marts.fct_conversations where url is not null),
    examples_after = (select list(conversation_id)[-1:] from marts.fct_conversations where url is not null)
where metric = '{DRIFTED}' and measure = 'driver_shift'
    and period_start = (select max(period_start) from counted.metric_drift where metric = '{DRIFTED}');
update marts.metric_evidence
set quote = ' '
where metric = '{QUOTELESS}' and dimension = 'channel' and member = 'email'
    and period_start = (
        select max(period_start) from counted.metric_counts where is_complete and metric = '{QUOTELESS}'
    );
insert into marts.renamed_tags by name
select
    'zendesk' as source, raw_tag, date '2026-01-01' as first_on, 'gone' as previous_tag,
    date '2025-12-31' as last_on, 0.1 as share, 0.1 as previous_share, 0 as stragglers,
    0 as previous_stragglers, 'gone' as previous_canonical_tag, canonical_tag, driver,
    'gone' as previous_driver, 9 as conversations, 9 as previous_conversations
from marts.fct_conversation_tags
inner join (select distinct canonical_tag from counted.metric_tags where metric = '{COUNTING_TAGS}')
    using (canonical_tag)
group by all
order by count(*) desc, raw_tag
limit 1;
drop table build.audit;
"""


@pytest.fixture(scope="module")
def failing(built, tmp_path_factory):
    """A small build that was harmed, and what Dagster tells of its checks: by asset and name."""
    folder = tmp_path_factory.mktemp("failing")
    data = shutil.copytree(built.data, folder / "data", symlinks=True)
    stores = Stores.at(data, built.exports)
    with duckdb.connect(str(stores.candidate)) as candidate:
        candidate.execute(_HARMS)
    alone = dg.define_asset_job("alone", selection=dg.AssetSelection.checks(audit))
    given = {
        name: dg.ResourceDefinition.hardcoded_resource(each)
        for name, each in {"stores": stores, "progress": LogProgress()}.items()
    }
    defined = dg.Definitions(asset_checks=[audit], jobs=[alone], resources=given)
    ended = defined.resolve_job_def("alone").execute_in_process(raise_on_error=False)
    found = {
        (each.asset_key.path[-1], each.check_name): each
        for each in ended.get_asset_check_evaluations()
    }
    return Built(stores.candidate, built.exports, built.ended), found


def _read_first(evaluation: dg.AssetCheckEvaluation) -> list[str]:
    assert not evaluation.passed
    return str(evaluation.metadata["read first"].value).splitlines()


def _asked(build: Built, query: str) -> list:
    with duckdb.connect(str(build.data), read_only=True) as candidate:
        return [row[0] for row in candidate.execute(query).fetchall()]


def test_a_structural_check_links_the_conversations_that_fail(failing):
    build, found = failing
    lines = _read_first(found["fct_messages", "message_key"])
    doubled = _asked(
        build,
        "select conversation_id from marts.fct_messages where not contains(conversation_id, 'evil')"
        " group by conversation_id, message_no having count(*) > 1",
    )
    assert doubled
    urls = dict.fromkeys(doubled)
    with duckdb.connect(str(build.data), read_only=True) as candidate:
        for name in urls:
            ((urls[name],),) = candidate.execute(
                "select url from marts.fct_conversations where conversation_id = ?", [name]
            ).fetchall()
    assert {f"- [{name}]({url})" for name, url in urls.items()} <= {*lines}
    # one that no table knows is named and leads nowhere, whatever its id pretends
    assert [line for line in lines if "evil" in line] == ["- zendesk:http:evil"]


def test_a_signal_that_is_missing_or_says_two_things_links_the_conversations_it_is_so_of(failing):
    build, found = failing
    missing = _asked(build, "select max(conversation_id) from marts.fct_signals")
    twofold = _asked(
        build,
        "select conversation_id from marts.fct_signals where value is not null and abstain_reason is not null",
    )
    lines = _read_first(found["fct_signals", "signal_answers"])
    told = [re.sub(r"\(http\S+\)", "()", line) for line in lines]
    assert len(twofold) == 1
    assert sorted(told) == sorted(f"- [{each}]() outcome" for each in (*missing, *twofold))


def test_a_drift_links_conversations_from_before_and_after_what_moved(failing):
    build, found = failing
    before, after = (
        _asked(
            build,
            f"select unnest(examples_{when}) from counted.metric_drift where measured = 9 * bound"
            f" and metric = '{DRIFTED}'",
        )
        for when in ("before", "after")
    )
    lines = _read_first(found[DRIFTED, "drift"])
    told = [re.sub(r"\(http\S+\)", "()", line) for line in lines]
    assert told == [
        *(f"- [{each}]() before, driver shift driver billing payments" for each in before),
        *(f"- [{each}]() after, driver shift driver billing payments" for each in after),
    ]


def test_a_renamed_tag_links_conversations_under_its_new_name(failing):
    build, found = failing
    tagged = _asked(
        build,
        "select conversation_id from marts.fct_conversation_tags"
        " semi join marts.renamed_tags using (raw_tag) semi join (from marts.fct_conversations"
        " where opened_on >= '2026-01-01') using (conversation_id)",
    )
    for check in ((COUNTING_TAGS, "tags"), ("renamed_tags", "renamed_tags")):
        lines = _read_first(found[check])
        assert 0 < len(lines) <= 5
        assert {re.match(r"- \[(.*?)\]", line)[1] for line in lines} <= {*tagged}
        assert all(" raw tag " in line for line in lines)


def test_a_cell_that_fails_links_what_is_quoted_under_it(failing):
    build, found = failing
    quoted = _asked(
        build,
        f"select conversation_id from marts.metric_evidence where metric = '{QUOTELESS}' and quote = ' '",
    )
    lines = _read_first(found[QUOTELESS, "evidence"])
    assert quoted
    assert {re.match(r"- \[(.*?)\]", line)[1] for line in lines} <= {*quoted}
    assert all(" channel email, period from 2026-" in line for line in lines)


def test_where_nothing_smaller_fails_the_last_number_is_read_and_what_passes_links_nothing(failing):
    build, found = failing
    last = _asked(
        build,
        f"select conversation_id from marts.metric_evidence where metric = '{LATE}' and dimension = 'all'"
        f" and period_start = (select max(period_start) from marts.metric_evidence where metric = '{LATE}'"
        " and dimension = 'all')",
    )
    lines = _read_first(found[LATE, "freshness"])
    assert {re.match(r"- \[(.*?)\]", line)[1] for line in lines} <= {*last}
    assert 0 < len(lines) <= 5
    passed = found["fct_conversations", "conversation_key"]
    assert passed.passed
    assert passed.metadata["read first"].value == ""
