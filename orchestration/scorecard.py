"""What a build comes to, asked of its marts: the facts of the scorecard."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb

from expectations.described import is_there
from orchestration.metrics.overview import read_overview
from orchestration.publishing import open_published
from orchestration.rows import Row, told
from signals.declared import CORE

WEEKS = 4
"""Weeks shown: enough to see a trend, few enough for a terminal."""

WORST = 10
"""Rows shown of a list that can be long; the marts hold all of it."""

DRIVERS = f"""
with weeks as (
    select distinct period_start from marts.rollup_drivers
    where cadence = 'week' and is_complete order by period_start desc limit {WEEKS}
)
select period_start as week, driver, sum(conversations)::bigint as conversations
from marts.rollup_drivers inner join weeks using (period_start)
where cadence = 'week' group by all order by week, driver
"""

COVERAGE = """
select
    source,
    case slice_kind when '' then 'total' else slice_kind end as slices,
    count(distinct slice) filter (where expected is not null) as slices_measured,
    sum(expected)::bigint as expected,
    sum(loaded) filter (where expected is not null)::bigint as loaded,
    sum(loaded) filter (where expected is not null) / nullif(sum(expected), 0) as coverage,
    min(coverage) as lowest
from marts.coverage_judged group by source, slice_kind order by source, slice_kind != '', slice_kind
"""

BLOCKING = """
select severity, clause, suite, is_measured, detail
from marts.breaches where severity = 'blocking' order by suite, detail
"""

BREACHES = f"""
select if(is_measured, severity, 'not measured') as severity, clause, suite, is_measured, detail
from marts.breaches
where metric is null
order by not is_measured, breaches.severity, abs(coalesce(bound - measured, 0)) desc, detail
limit {WORST}
"""

UNMAPPED = f"""
select raw_tag, conversations, last_seen, suggestion
from marts.unmapped_tags order by conversations desc, raw_tag limit {WORST}
"""

EXPORTS = """
select
    source,
    coalesce(table_name, '') as records,
    count(*) filter (where status = 'loaded') as files,
    count(*) filter (where status = 'refused') as refused,
    sum(seen)::bigint as seen,
    sum(kept)::bigint as kept,
    sum(duplicates)::bigint as duplicates,
    sum(quarantined)::bigint as quarantined
from marts.exports group by all order by source, records
"""

STATED = f"""
with listings as (
    select
        *,
        case
            when received_share < 1 or missing_pages > 0 then 'records are missing'
            when not is_ended then 'more pages follow'
            when received_share is null then 'not measured'
            else 'all received'
        end as standing
    from marts.stated_counts
)
select
    source,
    table_name as records,
    folder,
    pages,
    stated,
    received,
    received_share,
    missing_pages,
    standing
from listings where standing != 'all received'
order by coalesce(received_share, 0), source, records, folder, listing limit {WORST}
"""

QUARANTINE = f"""
select exports.file, quarantine.position, quarantine.reason
from marts.quarantine inner join marts.exports using (export_id)
order by exports.file, quarantine.position limit {WORST}
"""

QUARANTINE_QUERY = """\
select file, position, quarantine.reason, text from marts.quarantine join marts.exports using (export_id)"""

REFUSED = "select file, reason from marts.exports where status = 'refused' order by file"

TRIAGE = """
select triage_id, metric, state, measured, direction, threshold, due_at, owner
from marts.triage where state != 'closed' order by due_at, triage_id
"""

TOTALS = """
select
    count(*) as conversations,
    count(*) filter (where is_in_scope) as in_scope,
    min(opened_on) as first_day,
    max(opened_on) as last_day
from marts.fct_conversations
"""

EXCLUDED = """
select exclusion_reason as reason, count(*) as conversations
from marts.fct_conversations where not is_in_scope group by all order by conversations desc, reason
"""

SIGNALS = """
select
    signal,
    value,
    conversations,
    counted_share,
    corrected_share,
    corrected_low,
    corrected_high,
    labels,
    is_simulated,
    unvalidated_reason
from marts.signal_shares
where cadence = 'all'
    and (list_contains($core, signal) or signal in (select signal from marts.signal_shares where labels > 0))
order by list_position($core, signal) nulls last, signal, counted_share desc, value
"""

SIGNAL_MOVES = """
select
    signal,
    previous_classifier || ' ' || previous_version as previously_by,
    classifier || ' ' || classifier_version as answered_by,
    sum(conversations)::bigint as conversations,
    coalesce(sum(conversations) filter (previous_value is distinct from value), 0)::bigint as moved,
    coalesce(
        list(
            {'from': previous_value, 'to': value, 'conversations': conversations}
            order by conversations desc, previous_value, value
        ) filter (previous_value is distinct from value), []
    ) as moves
from marts.signal_moves where previous_build = ?
group by all order by signal, answered_by, previously_by
"""

TAXONOMY_MOVES = """
select previous_driver, driver, sum(conversations)::bigint as tags
from marts.taxonomy_moves where previous_build = ?
group by all order by tags desc, previous_driver, driver
"""


@dataclass(frozen=True)
class Scorecard:
    """The facts of one build, each a list of rows from its marts."""

    file: str
    build: str
    metrics: list[Row]
    triage: list[Row]
    totals: Row
    excluded: list[Row]
    drivers: list[Row]
    signals: list[Row]
    signal_moves: list[Row]
    taxonomy_moves: list[Row]
    coverage: list[Row]
    breaches: list[Row]
    breach_count: int
    unmapped: list[Row]
    exports: list[Row]
    stated_counts: list[Row]
    quarantine: list[Row]
    quarantine_count: int
    refused: list[Row]

    def as_dict(self) -> dict[str, Any]:
        """The same facts for programs."""
        return asdict(self)


def blocking_breaches(candidate: Path) -> list[Row]:
    """The breaches that kept a candidate from being published."""
    with open_published(candidate) as connection:
        return told(connection, BLOCKING)


def read_moves(
    connection: duckdb.DuckDBPyConnection, build: Path, table: str, query: str
) -> list[Row]:
    """What moved since the build before this one, which is kept as long as this one is the newest."""
    earlier = [path.name for path in build.parent.glob("assay-*.duckdb") if path.name < build.name]
    # an older build does not compare itself
    there = told(
        connection,
        "select 1 from duckdb_columns() where table_name = ? and column_name = 'previous_build'",
        [table],
    )
    return told(connection, query, [max(earlier)]) if earlier and there else []


def read_triage(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """The cases nobody closed yet; none in a build older than triage."""
    return told(connection, TRIAGE) if is_there(connection, "view", "marts.triage") else []


def read_signals_shown(connection: duckdb.DuckDBPyConnection) -> list[Row]:
    """
    The shares of the core signals, and of those that were labelled, in all conversations.

    None in a build older than the reasons for a share to be unvalidated.
    """
    there = told(
        connection, "select 1 from duckdb_columns() where column_name = 'unvalidated_reason'"
    )
    return told(connection, SIGNALS, {"core": list(CORE)}) if there else []


def read_scorecard(marts: Path) -> Scorecard:
    """Read a build's scorecard from its marts file, published or candidate."""
    with open_published(marts) as connection:

        def rows(query: str) -> list[Row]:
            return told(connection, query)

        return Scorecard(
            file=str(marts),
            build=marts.resolve().name,
            metrics=read_overview(connection),
            triage=read_triage(connection),
            totals=rows(TOTALS)[0],
            excluded=rows(EXCLUDED),
            drivers=rows(DRIVERS),
            signals=read_signals_shown(connection),
            signal_moves=read_moves(connection, marts.resolve(), "signal_moves", SIGNAL_MOVES),
            taxonomy_moves=read_moves(
                connection, marts.resolve(), "taxonomy_moves", TAXONOMY_MOVES
            ),
            coverage=rows(COVERAGE),
            breaches=rows(BREACHES),
            breach_count=rows(
                "select count(*) as breaches from marts.breaches where metric is null"
            )[0]["breaches"],
            unmapped=rows(UNMAPPED),
            exports=rows(EXPORTS),
            stated_counts=rows(STATED),
            quarantine=rows(QUARANTINE),
            quarantine_count=rows("select count(*) as records from marts.quarantine")[0]["records"],
            refused=rows(REFUSED),
        )
