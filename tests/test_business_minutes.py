"""Minutes of a schedule between two moments: against a count of every minute, and against Fivetran's formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.macros import macros

MINUTE = timedelta(minutes=1)
WEEK = timedelta(weeks=1)
SUNDAY = datetime(2019, 1, 6, tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Window:
    """Hours of one weekday (1 is Monday), in minutes since its midnight."""

    weekday: int
    opens: int
    closes: int


def business_minutes(
    zone: str, windows: Iterable[Window], holidays: Iterable[date], spans: Sequence[Span]
) -> list[float | None]:
    """What the macros count in each span."""
    macro = macros("business_minutes")
    connection = duckdb.connect()
    connection.execute("set TimeZone = 'UTC'")
    connection.execute(
        "create table schedules (schedule varchar, weekday int, opens time, closes time, time_zone varchar)"
    )
    for window in windows:
        connection.execute(
            "insert into schedules values ('s', ?, ?::time, ?::time, ?)",
            [window.weekday, _clock(window.opens), _clock(window.closes), zone],
        )
    connection.execute("create table holidays (schedule varchar, day date)")
    for holiday in holidays:
        connection.execute("insert into holidays values ('s', ?)", [holiday])
    connection.execute("create table spans (no int, began_at timestamptz, ended_at timestamptz)")
    connection.executemany(
        "insert into spans values (?, ?, ?)", [(no, *span) for no, span in enumerate(spans)]
    )
    minutes = macro.business_minutes("began_at", "at_start", "ended_at", "at_end")
    rows = connection.execute(
        "with days as ("
        " select min(began_at)::date - 1 as first_day, max(ended_at)::date + 1 as last_day from spans"
        "),"
        f" hours as ({macro.opening_hours('schedules', 'holidays', 'days')})"
        f" select {minutes} from spans"
        " asof left join hours as at_start on spans.began_at >= at_start.starts_at and at_start.schedule = 's'"
        " asof left join hours as at_end on spans.ended_at >= at_end.starts_at and at_end.schedule = 's'"
        " order by no"
    ).fetchall()
    return [row[0] for row in rows]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def counted(
    zone: str, windows: Iterable[Window], holidays: Sequence[date], span: Span
) -> list[datetime]:
    """Every minute of a span that lies in a window, looked up one by one on the wall of the zone."""
    began, ended = span
    every = (began + no * MINUTE for no in range((ended - began) // MINUTE))
    return [moment for moment in every if _is_open(moment, zone, windows, holidays)]


def _is_open(
    moment: datetime, zone: str, windows: Iterable[Window], holidays: Sequence[date]
) -> bool:
    wall = moment.astimezone(ZoneInfo(zone))
    return wall.date() not in holidays and any(
        wall.isoweekday() == window.weekday
        and window.opens <= wall.hour * 60 + wall.minute < window.closes
        for window in windows
    )


# Clocks change before four in the morning: a window that opens or closes in an hour that is skipped or comes twice
# has no one place.
BOUNDARIES = st.one_of(st.just(0), st.just(24 * 60), st.integers(4 * 60, 24 * 60))
WINDOWS = st.lists(
    st.builds(lambda day, one, other: Window(day, min(one, other), max(one, other)),
              st.integers(1, 7), BOUNDARIES, BOUNDARIES).filter(lambda each: each.opens < each.closes),
    min_size=1, max_size=6,
)  # fmt: skip
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"]
)
# around the changes of clocks in spring and autumn of either half of the world
BEGINNINGS = st.sampled_from(
    [date(2026, 3, 5), date(2026, 3, 26), date(2026, 10, 1), date(2026, 10, 22), date(2026, 10, 29)]
)


@settings(max_examples=40, deadline=None)
@given(
    zone=ZONES,
    windows=WINDOWS,
    began_on=BEGINNINGS,
    before=st.integers(0, 2 * 24 * 60),
    lasts=st.integers(0, 8 * 24 * 60),
    off=st.sets(st.integers(0, 8), max_size=2),
)
def test_business_minutes_are_what_counting_every_minute_gives(
    zone, windows, began_on, before, lasts, off
):
    """
    Windows may overlap, days may be 23, 23½ or 25 hours long, holidays are out.
    """
    began = datetime.combine(began_on, time(), UTC) + before * MINUTE
    span = (began, began + lasts * MINUTE)
    holidays = [began_on + timedelta(days=day) for day in sorted(off)]
    found = business_minutes(zone, windows, holidays, [span])
    assert found == [len(counted(zone, windows, holidays, span))]


def test_a_span_without_an_end_or_with_one_before_its_beginning_has_no_minutes_and_not_none_of_them():
    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    windows = [Window(1, 9 * 60, 17 * 60)]
    spans = [(noon, noon + MINUTE), (noon + MINUTE, noon), (noon, None)]
    assert business_minutes("UTC", windows, [], spans) == [1, None, None]


@pytest.fixture
def seeds(shared_data) -> Path:
    folder = shared_data / "fivetran_zendesk_seeds"
    if not folder.is_dir():
        # real data lie beside the checkout and are never copied into it
        pytest.skip(f"Fivetran's seeds are not beside this checkout ({folder})")
    return folder


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}_data.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fivetrans(windows: Iterable[tuple[int, int]], span: Span) -> float:
    """
    Fivetran's sum: the span cut into weeks from Sunday, and in each the overlap with every window.

    Windows are in minutes since Sunday midnight UTC.
    """
    began, ended = ((moment - SUNDAY) / MINUTE for moment in span)
    weeks = range(int(began // (WEEK / MINUTE)), int(ended // (WEEK / MINUTE)) + 1)
    return sum(
        max(
            0.0,
            min(closes + week * (WEEK / MINUTE), ended)
            - max(opens + week * (WEEK / MINUTE), began),
        )
        for week in weeks
        for opens, closes in windows
    )


def test_business_minutes_agree_with_fivetran_s_where_its_formula_is_sound(seeds):
    """
    Fivetran's seeds hold one schedule in minutes since Sunday, local and in UTC, and ten tickets.

    The minutes in UTC are those of summer, and daylight_time tells of two other zones in 1970 only: so each span
    is cut where the clocks of the zone change, and the windows of winter are an hour later. Not taken over: a span
    stops at 52 weeks there; a missing moment gives 0; all schedules a ticket ever had are added up, where the
    help desk counts by the last; ticket_schedule and schedule_holiday name schedules that are not there.
    """
    zone, schedule = "America/Los_Angeles", read(seeds, "schedule")
    assert {row["time_zone"] for row in schedule} == {"Pacific Time (US & Canada)"}
    windows = [
        Window(int(row["start_time"]) // 1440, int(row["start_time"]) % 1440, int(row["end_time"]) % 1440)
        for row in schedule
    ]  # fmt: skip
    summer = [(int(row["start_time_utc"]), int(row["end_time_utc"])) for row in schedule]
    winter = [(opens + 60, closes + 60) for opens, closes in summer]
    spans = [
        tuple(datetime.fromisoformat(row[moment]).replace(tzinfo=UTC) for moment in ("created_at", "updated_at"))
        for row in read(seeds, "ticket")
    ]  # fmt: skip
    clocks_change = [
        datetime(2020, 3, 8, 10, tzinfo=UTC),
        datetime(2020, 11, 1, 9, tzinfo=UTC),
        datetime(2021, 3, 14, 10, tzinfo=UTC),
    ]
    expected = []
    for began, ended in spans:
        cuts = [began, *(cut for cut in clocks_change if began < cut < ended), ended]
        expected.append(
            sum(
                fivetrans(summer if part[0].astimezone(ZoneInfo(zone)).dst() else winter, part)
                for part in pairwise(cuts)
            )
        )
    assert len(spans) == 10
    assert business_minutes(zone, windows, [], spans) == pytest.approx(expected, abs=1e-6)
    assert sum(minutes > 0 for minutes in expected) > 5


def test_holidays_of_fivetran_s_seeds_are_out_from_their_first_to_their_last_day(seeds):
    """
    Two days and one in a week of five: two remain, of twelve hours each.
    """
    holidays = [
        date.fromisoformat(row["start_date"]) + timedelta(days=day)
        for row in read(seeds, "schedule_holiday")
        for day in range((date.fromisoformat(row["end_date"]) - date.fromisoformat(row["start_date"])).days + 1)
    ]  # fmt: skip
    windows = [Window(day, 8 * 60, 20 * 60) for day in range(1, 6)]
    week = (datetime(2022, 12, 25, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC))
    assert business_minutes("America/Los_Angeles", windows, holidays, [week]) == [2 * 12 * 60]
