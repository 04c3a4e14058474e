"""A small build in which every suite holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

GOOD = """
create schema marts;
create table marts.exports (
    export_id varchar, status varchar,
    seen bigint, kept bigint, duplicates bigint, quarantined bigint
);
insert into marts.exports values
    ('january.json', 'loaded', 10, 8, 1, 1),
    ('february.json', 'loaded', 4, 4, 0, 0),
    ('page.html', 'refused', null, null, null, null);
create table marts.fct_conversations as
select
    'zendesk:' || i as conversation_id,
    'driver ' || (i % 3) as driver,
    i % 4 <> 0 as is_in_scope,
    case when i % 4 = 0 then 'spam' end as exclusion_reason,
    'my card 4111 1111 1111 1111 was charged twice' as subject
from range(12) numbers(i);
create table marts.fct_messages as
select 'zendesk:' || (i // 2) as conversation_id, 1 + i % 2 as message_no
from range(24) numbers(i);
create table marts.fct_conversation_tags as
select 'zendesk:' || (i // 2) as conversation_id, 'tag ' || (i % 2) as raw_tag
from range(24) numbers(i);
create table marts.fct_signals as
select
    conversation_id,
    signal,
    case when signal = 'sentiment' then 'neutral' end as value,
    case when signal = 'outcome' then 'no customer words' end as abstain_reason
from marts.fct_conversations, (values ('sentiment'), ('outcome')) as signals(signal)
where is_in_scope;
create table marts.rollup_drivers as
select
    cadence,
    date '2026-01-05' as period_start,
    'driver ' || i as driver,
    'web' as channel,
    'Billing' as queue,
    'smb' as segment,
    'en' as language,
    3 as conversations,
    1 / 3 as share
from range(3) numbers(i), (values ('day'), ('week')) as cadences(cadence);
create table marts.coverage_judged (
    source varchar, period_start date, period_kind varchar, slice_kind varchar, slice varchar,
    expected bigint, loaded bigint, coverage double
);
insert into marts.coverage_judged values
    ('zendesk', '2026-01-05', 'day', null, null, 100, 100, 1.0),
    ('zendesk', '2026-01-05', 'day', 'queue', 'Billing', 60, 60, 1.0),
    ('zendesk', '2026-01-05', 'day', 'queue', 'Orders', 40, 40, 1.0),
    ('zendesk', '2026-01-05', 'week', 'queue', 'VIP', 25, 24, 0.96),
    ('zendesk', '2026-01-06', 'day', null, null, null, 90, null);
"""


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Path]:
    """The good build after these statements, as a file that nobody holds open."""

    def built(*statements: str) -> Path:
        database = tmp_path / "candidate.duckdb"
        with duckdb.connect(str(database)) as connection:
            connection.execute(GOOD)
            for statement in statements:
                connection.execute(statement)
        return database

    return built
