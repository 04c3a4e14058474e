"""Stated counts: of the records a listing says it has, whether all were received."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.suite import RULES_OUT_SILENCE, Row, Suite, literal, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

RELATION = "marts.stated_counts"


def stated_counts(sources: Sequence[str]) -> list[Suite]:
    """
    One suite per source: every listing that came in pages was received to its last record.

    More records than stated are none lost: a listing that changes while it is read repeats some.
    A listing that states no count is judged by whether its last page says that more follows; one
    that says neither is not measured.
    """
    return [_stated_counts_of(source) for source in sources]


def _stated_counts_of(source: str) -> Suite:
    return Suite(
        name=f"stated_counts_{source}",
        clause="stated counts",
        severity="warning",
        relation=RELATION,
        measurement=_measurement(source),
        keys=(
            "period_start", "slice_kind", "slice", "folder", "listing",
            "stated", "received", "pages", "missing_pages", "received_share", "is_whole",
        ),
        expectations=_expectations,
        bound="all that is stated",
        limit=1.0,
        when_silent=(
            f"No page received from {source} states how many records there are, so it is not "
            "measured whether all came."
        ),
        remedy=(
            f"Download the missing pages of {source} beside the others, or the listing anew into a "
            "folder of its own, and run again."
        ),
        tell=lambda row: f"{source}, {_sentence(row)}",
    )  # fmt: skip


def _measurement(source: str) -> str:
    return f"""\
select
    null::date as period_start,
    'records' as slice_kind,
    table_name as slice,
    folder,
    listing,
    stated,
    received,
    pages,
    missing_pages,
    received_share,
    -- a share below 1 is judged as such
    case
        when received_share is null and missing_pages > 0 then 0
        when coalesce(received_share, 1) >= 1 then is_ended::integer
    end as is_whole,
    -- that a listing without a count ended says nothing of the pages between
    coalesce(received_share, case when is_ended is false or missing_pages > 0 then 0 end) as known

from {RELATION}
where source = {literal(source)}
order by
    coalesce(stated - received, 0) desc,
    table_name,
    folder,
    listing
"""


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnMinToBeBetween(
            column="known",
            min_value=0,
            meta=RULES_OUT_SILENCE,
            description="some listing says how many records it has",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="received_share",
            min_value=1,
            description="of every listing all records stated are received",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="is_whole",
            min_value=1,
            description="no page of a listing is known to be missing",
        ),
    ]


def _sentence(row: Row) -> str:
    named = f"{row['slice']} in {row['folder']}" + (
        f" ({row['listing']})" if row["listing"] else ""
    )
    pages = f"{row['pages']:,.0f} page" + ("" if row["pages"] == 1 else "s")
    counted = f"received {row['received']:,.0f} in {pages}"
    if row["stated"] is not None:
        counted = f"stated {row['stated']:,.0f}, {counted}"
    if row["missing_pages"]:
        return f"{named}: {counted}; of those between, {row['missing_pages']:,.0f} missing."
    if row["is_whole"] == 0:
        return f"{named}: {counted}; the last of them says that more follows."
    return f"{named}: {counted}."
