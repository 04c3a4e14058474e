"""Help desks made up by chance, with losses and without, and the models of coverage worked out on them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import yaml
from jinja2 import Environment

from expectations.suites import coverage, witnesses

PROJECT = Path(__file__).parents[1] / "dbt_project"
ABOVE = 0.95
FIRST_DAY = date(2025, 9, 1)
WEEKS = 52

QUEUES = {
    "Billing": 28,
    "Orders": 20,
    "Access": 15,
    "Howto": 12,
    "Returns": 10,
    "VIP": 7,
    "Safety": 5,
    "Board": 3,
}
CHANNELS = {"email": 42, "web": 25, "chat": 15, "messaging": 10, "voice": 5, "api": 3}
LANGUAGES = {"en": 60, "de": 25, "es": 12, "fr": 3}
SEGMENTS = {"unknown": 45, "smb": 25, "enterprise": 20, "mid_market": 10}
SLICES = {"queue": QUEUES, "channel": CHANNELS, "language": LANGUAGES, "segment": SEGMENTS}

WEEKDAYS = np.array([1.18, 1.12, 1.06, 1.03, 0.95, 0.52, 0.46])
LISTED = {"12-25": 0.35, "01-01": 0.35}
UNLISTED = {"12-24": 0.6, "12-26": 0.35, "12-31": 0.6, "05-01": 0.6, "07-04": 0.6}
"""What is left of a day on which offices are shut: of those, the seed of holidays names the first two."""


def conversations(source: str, seed: int, a_day: int, ids: float | None) -> pd.DataFrame:
    """
    A year of a help desk with `a_day` conversations: a shape of the week, growth, holidays, queues that swell and
    shrink from week to week, one of them threefold for a week, and chance in everything.

    `ids`: the share of numbers that are conversations; 3 for the numbering of `assay generate`, None for none.
    """
    chance = np.random.default_rng(seed)
    days = [FIRST_DAY + timedelta(days=number) for number in range(WEEKS * 7)]
    shut = np.array([{**LISTED, **UNLISTED}.get(day.strftime("%m-%d"), 1.0) for day in days])
    level = a_day * np.tile(WEEKDAYS, WEEKS) * np.linspace(1, 1.35, len(days)) * shut
    swell = chance.lognormal(0, 0.08, (WEEKS, len(QUEUES)))
    swell[chance.integers(12, WEEKS), 0] *= 3
    volumes = level[:, None] * np.array([*QUEUES.values()]) / 100 * np.repeat(swell, 7, axis=0)
    counts = chance.poisson(volumes)
    day_no = np.repeat(np.arange(len(days)), counts.sum(axis=1))
    queue_no = np.repeat(np.tile(np.arange(len(QUEUES)), len(days)), counts.ravel())
    rows = pd.DataFrame({"source": source, "day_no": day_no})
    # in a day queues come in any order
    within = np.lexsort((chance.random(len(rows)), day_no))
    rows["queue"] = pd.Categorical.from_codes(queue_no[within], [*QUEUES])
    for kind, members in (("channel", CHANNELS), ("language", LANGUAGES)):
        shares = np.array([*members.values()]) / 100
        codes = chance.choice(len(members), len(rows), p=shares)
        rows[kind] = pd.Categorical.from_codes(codes, [*members])
    # of a chance of their own: what else is drawn stays what it is
    rows["segment"] = np.random.default_rng([seed, 1]).choice(
        [*SEGMENTS], len(rows), p=np.array([*SEGMENTS.values()]) / 100
    )
    rows["id"] = 1_000_000 + _numbers(chance, len(rows), ids)
    if ids is None:
        rows["id"] = rows["id"] * 7919 % 1_000_003 * 1000
    rows["opened_on"] = pd.to_datetime(FIRST_DAY) + pd.to_timedelta(rows["day_no"], unit="D")
    return rows


def _numbers(chance: np.random.Generator, many: int, ids: float | None) -> np.ndarray:
    if ids == 3:
        return 3 * np.arange(many) + chance.integers(0, 3, many)
    return np.cumsum(chance.geometric(ids or 1.0, many))


@dataclass(frozen=True)
class Loss:
    """Conversations of one week that were deleted, and what they have in common."""

    source: str
    week: int
    kind: str
    slice: str
    days: tuple[int, ...]
    rows: np.ndarray
    share: float
    """Of the conversations of its week."""


LEAST_SHARE = 0.01
"""Of the conversations of its week: what is promised to be found."""


def losses(rows: pd.DataFrame, seed: int, every: int) -> list[Loss]:
    """One in every so many weeks that have eight before them: a queue, channel, language, segment, day or range
    of ids.
    """
    chance = np.random.default_rng(seed)
    week_no = rows["day_no"].to_numpy() // 7
    found: list[Loss] = []
    for week in range(9, WEEKS - 1, every):
        inside = np.flatnonzero(week_no == week)
        while (loss := _loss(rows, inside, week, chance)).share < LEAST_SHARE:
            pass
        found.append(loss)
    return found


def without(rows: pd.DataFrame, lost: Sequence[Loss]) -> pd.DataFrame:
    """What is left of these conversations."""
    return rows.drop(index=np.concatenate([each.rows for each in lost]))


def _loss(rows: pd.DataFrame, inside: np.ndarray, week: int, chance: np.random.Generator) -> Loss:
    here = rows.iloc[inside]
    kind = str(chance.choice([*SLICES, "day", "id range"]))
    member, day = "", week * 7 + int(chance.integers(0, 7))
    if kind == "id range":
        many = max(1, int(len(inside) * chance.uniform(0.01, 0.15)))
        start = int(chance.integers(0, len(inside) - many))
        gone = inside[start : start + many]
    elif kind == "day":
        gone = inside[(here["day_no"] == day).to_numpy()]
    else:
        member = str(chance.choice([*SLICES[kind]]))
        is_whole_week = chance.random() < 0.5
        gone = inside[
            ((here[kind] == member) & (is_whole_week | (here["day_no"] == day))).to_numpy()
        ]
    days = tuple(sorted(set(rows["day_no"].to_numpy()[gone].tolist())))
    return Loss(
        str(here["source"].iloc[0]), week, kind, member, days, gone, len(gone) / len(inside)
    )


def rendered(model: str) -> str:
    """The SQL of a model of the marts; what it reads of core and raw is a table of the same name."""
    macros = "".join(
        path.read_text() for path in sorted((PROJECT / "macros").glob("*_witness.sql"))
    )
    # outside dbt a macro neither dispatches nor returns
    macros = re.sub(r"adapter\.dispatch\('(\w+)'\)", r"default__\1", macros)
    macros = re.sub(r"\{\{ return\((.*?)\) \}\}", r"{{ \1 }}", macros)
    text = (PROJECT / "models" / "marts" / f"{model}.sql").read_text()
    variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text())["vars"]
    return (
        Environment(extensions=["jinja2.ext.do"])
        .from_string(macros + text)
        .render(
            ref=lambda name: f"marts.{name}" if name in MODELS else name,
            source=lambda schema, name: f"{schema}_{name}",
            var=variables.__getitem__,
            conversation_tables=lambda: "'tickets'",
            mask_personal_data=lambda column: column,
        )
    )


MODELS = ("coverage", "coverage_judged", "coverage_witnesses", "coverage_contradictions")

TABLES = """
create schema marts;
set timezone = 'UTC';
create table stated_conversations (
    source varchar, day date, slice_kind varchar, slice varchar, stated_slice varchar, witness varchar,
    stated_by varchar, recency bigint, recency_of_witness bigint, expected bigint
);
create table conversations (
    source varchar, source_id varchar, opened_on date, queue varchar, channel varchar, language varchar,
    segment varchar, exclusion_reason varchar, is_in_scope boolean
);
create view expected_conversations as
select source, day, slice_kind, slice, sum(expected)::bigint as expected
from stated_conversations where recency = 1 group by all;
create table holidays (day date);
create table loads_exports (source varchar, export_seq bigint, table_name varchar, status varchar);
create table loads_quarantine (export_seq bigint, opened_at timestamptz);
create table loads_duplicates (export_seq bigint, id varchar);
create table zendesk_tickets (source varchar, id varchar, export_seq bigint);
create table intercom_conversations as from zendesk_tickets;
create table csv_conversations as from zendesk_tickets;
insert into holidays values ('2025-12-25'), ('2026-01-01');
"""

LOADED_SOURCES = """
create or replace table loaded_sources as
select source, min(opened_on)::timestamptz as first_opened_at, ({until})::timestamptz as loaded_until
from conversations group by all
"""


def empty(database: Path | str = ":memory:") -> duckdb.DuckDBPyConnection:
    """What the models read, without a row."""
    connection = duckdb.connect(str(database))
    connection.execute(TABLES)
    return connection


def load(connection: duckdb.DuckDBPyConnection, rows: pd.DataFrame) -> None:
    """These conversations, and none else."""
    connection.execute(
        "create or replace table conversations as select source, id::varchar as source_id,"
        " opened_on::date as opened_on, queue::varchar as queue, channel::varchar as channel,"
        " language::varchar as language, segment::varchar as segment, null::varchar as exclusion_reason,"
        " true as is_in_scope from rows"
    )


def state(connection: duckdb.DuckDBPyConnection, kinds: Sequence[str] = ("", *SLICES)) -> None:
    """Somebody states what is loaded now: by day, and by these kinds of slices."""
    connection.execute("delete from stated_conversations")
    for kind in kinds:
        connection.execute(
            "insert into stated_conversations by name select source, opened_on as day,"
            f" '{kind}' as slice_kind, {kind or repr('')} as slice, slice as stated_slice, 'manifest' as witness,"
            " 'desk/expected.csv' as stated_by, 1 as recency, 1 as recency_of_witness, count(*) as expected"
            " from conversations group by all"
        )


def build(connection: duckdb.DuckDBPyConnection, until: str = "max(opened_on) + 1") -> None:
    """The models of coverage, worked out anew, of sources loaded until then."""
    connection.execute(LOADED_SOURCES.format(until=until))
    for model in MODELS:
        connection.execute(f"create or replace table marts.{model} as {rendered(model)}")


def witnessed(
    connection: duckdb.DuckDBPyConnection, witness: str, where: str = "true", **until: str
) -> list[tuple]:
    """What a witness says of each period and slice: expected, loaded, and the share loaded at best."""
    build(connection, **until)
    return connection.execute(
        "select period_kind, period_start::varchar, slice, round(expected)::bigint, loaded, coverage_high"
        f" from marts.coverage_witnesses where witness = '{witness}' and {where} order by all"
    ).fetchall()


def failing(connection: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    """The slices that the suites of coverage and witnesses tell of, by the measurement they are judged on."""
    sources = [
        name for (name,) in connection.execute("select source from loaded_sources").fetchall()
    ]
    bounds = dict.fromkeys(sources, ABOVE)
    measured = [
        connection.execute(
            f"select '{source}' as source, period_start, period_kind, slice_kind, slice, loaded"
            f" from ({suite.measurement}) where {column} <= {ABOVE}"
        ).df()
        for suites, column in ((coverage, "coverage"), (witnesses, "coverage_at_best"))
        for source, suite in zip(sources, suites(bounds), strict=True)
    ]
    return pd.concat(measured, ignore_index=True)


def told(lost: Loss, failing: pd.DataFrame, by_name: bool = False) -> bool:
    """
    Whether a slice fails in the days of the loss, or in its week; `by_name`: the very slice that was lost, or all
    conversations where a day or a range of ids was.
    """
    days = [pd.Timestamp(FIRST_DAY + timedelta(days=day)) for day in lost.days]
    week = pd.Timestamp(FIRST_DAY + timedelta(weeks=lost.week))
    is_day = (failing["period_kind"] == "day") & failing["period_start"].isin(days)
    is_week = (failing["period_kind"] == "week") & (failing["period_start"] == week)
    here = failing[(failing["source"] == lost.source) & (is_day | is_week)]
    if by_name and lost.slice:
        here = here[(here["slice_kind"] == lost.kind) & (here["slice"] == lost.slice)]
    elif by_name:
        here = here[here["slice_kind"].fillna("").isin(["", lost.kind])]
    return len(here) > 0
