"""`assay defend`: what a sceptic asks of a number, answered on one screen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

import click
from rich.console import Console
from rich.text import Text

from expectations.suites.drift import moved
from orchestration.cli.metric_table import amount, change, coverage
from orchestration.cli.number import (
    cut,
    headline,
    period_name,
    published,
    quoted,
    standing,
    wrapped,
)
from orchestration.metrics.defence import WORST, Defence, read_defence
from orchestration.rows import Row

WIDTH = 100
"""Columns of the screen, where the terminal is not narrower."""

PARTS = 5
"""Parts of a movement shown on their own; the rest are added up."""

QUOTES = 3
"""Quotes on each side."""

SAME = 0.0005
"""Shares that differ by less read the same."""


@click.command()
@click.argument("metric")
@click.argument("period")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
def defend(metric: str, period: str, as_json: bool) -> None:
    """
    Answer on one screen what a sceptic asks of the number of METRIC in PERIOD.

    Where it comes from, what is counted, who validated it, what changed, who weighs how much, what moved it,
    and who says so. PERIOD is written as for `assay evidence`.
    """
    with published() as connection:
        found = read_defence(connection, metric, period)
    if as_json:
        click.echo(json.dumps(found.as_dict(), default=str, ensure_ascii=False))
        return
    console = Console()
    width = min(WIDTH, console.width) if console.is_terminal else WIDTH
    for line in screen(found, width):
        style = "" if line.startswith(" ") else "bold"
        console.print(Text(cut(line, width), style=style), soft_wrap=True)


def screen(found: Defence, width: int) -> Iterator[str]:
    """The lines of the screen; those that begin a part are not indented."""
    first, *more = standing(found.number, most=2)
    yield from wrapped(first, width, 2, indent="")
    for each in more:
        yield from wrapped(each.strip(), width, 1)
    yield from _headline(found)
    yield from _origin(found, width)
    yield from _coverage(found)
    yield from _counted(found, width)
    yield from _validated(found, width)
    yield from _changed(found, width)
    yield from _weights(found, width)
    yield from _movement(found)
    for side, title in (("for", "Three for it"), ("against", "Three against it")):
        rows = [row for row in found.evidence.quotes if row["side"] == side][:QUOTES]
        yield title if rows else f"{title}: no conversation"
        yield from (quoted(row, width) for row in rows)


def _headline(found: Defence) -> Iterator[str]:
    number = found.number
    yield headline(number, number.period)
    if (
        number.previous
        and number.period["value"] is not None
        and number.previous["value"] is not None
    ):
        before = number.previous
        moved = change({**number.contract, "change": number.period["value"] - before["value"]})
        was = amount(before["value"], number.contract)
        better = number.contract["direction"]
        when = period_name(number, before)
        yield f"  {moved} against {was} in the period before, {when}; better is {better}"
    email = number.contract["owner_email"] or "no address"
    yield f"  {number.metric} {number.contract['version']}, owned by {number.contract['owner']} <{email}>"


def _origin(found: Defence, width: int) -> Iterator[str]:
    yield "Where it comes from"
    number = found.number
    how = [number.clause("data", "ingestion"), number.clause("data", "refresh")]
    if any(how):
        yield from wrapped(". ".join(each.rstrip(".") for each in how if each), width, 1)
    for row in found.sources:
        lost = f", {row['quarantined']:,} in quarantine" if row["quarantined"] else ""
        refused = f", {row['refused']:,} files refused" if row["refused"] else ""
        until = f", the last on {row['loaded_at']:%Y-%m-%d %H:%M} UTC" if row["loaded_at"] else ""
        yield f"  {row['source']}: {row['records']:,} records of {row['files']:,} exports{until}{lost}{refused}"
    if not found.sources:
        yield "  its contract names no source"


def _coverage(found: Defence) -> Iterator[str]:
    told, above = found.coverage, found.number.contract["coverage_above"]
    bound = "" if above is None else f"; its contract asks for more than {above:.0%}"
    measured = found.number.period["coverage"]
    yield f"How much of it is in: {coverage(measured)}{bound}"
    if measured is None and told["surplus"] and not told["expected"]:
        yield f"  {told['surplus']:,} loaded where none were expected on the {told['days']:,} days concerned"
    elif measured is None:
        yield f"  counts are stated for {told['days_measured']:,} of the {told['days']:,} days concerned"
    else:
        of = f"{told['loaded']:,} of {told['expected']:,} conversations expected"
        more = f", and {told['surplus']:,} more than their day expects" if told["surplus"] else ""
        yield f"  {of} on the {told['days']:,} days concerned{more}"
    for row in found.worst:
        slice_ = f"{row['slice_kind']} {row['slice']}" if row["slice_kind"] else "all conversations"
        when = f"{'week of ' if row['period_kind'] == 'week' else ''}{row['period_start']}"
        yield f"  {row['source']}, {slice_}, {when}: {row['loaded']:,} of {row['expected']:,}"


def _counted(found: Defence, width: int) -> Iterator[str]:
    yield "What is counted"
    number = found.number
    for key, lines in (("question", 1), ("included", 3), ("excluded", 3), ("window", 2)):
        if words := number.clause("definition", key):
            yield from wrapped(f"{key}: {words}", width, lines)
    counted = found.counted
    units = (
        "" if counted["units"] == counted["conversations"] else f"{counted['units']:,} units of "
    )
    reasons = ", ".join(f"{row['conversations']:,} {row['reason']}" for row in counted["reasons"])
    if number.is_withheld:
        yield "  how many conversations are counted is not told either"
    elif before := counted["opened_before"]:
        yield f"  {units}{counted['conversations']:,} conversations counted, {before:,} opened before the period"
        yield f"  opened in it and in scope: {counted['in_scope']:,}"
    else:
        yield (
            f"  {units}{counted['conversations']:,} conversations counted; of {counted['in_scope']:,} opened in "
            f"the period and in scope, {counted['not_counted']:,} are not"
        )
    yield f"  out of scope: {counted['out_of_scope']:,}{f' ({reasons})' if reasons else ''}"


def _validated(found: Defence, width: int) -> Iterator[str]:
    contract = found.number.contract
    said = contract["validation"] or "its contract asks nobody"
    by_people = "people" if not contract["is_simulated"] else "a simulated reviewer, no person"
    yield f"Who validated it: {by_people if contract['is_validated'] else 'nobody yet'}"
    yield from wrapped(said, width, 2)


def _changed(found: Defence, width: int) -> Iterator[str]:
    number = found.number
    if number.previous is None:
        yield "What changed: there is no period before"
        return
    yield f"What changed since the period before, {period_name(number, number.previous)}"
    yield f"  definition: nothing, both periods are counted by version {number.contract['version']}"
    if found.tags:
        led = [
            f"{row['raw_tag']} ({_names(row['previous_tags'])} → {_names(row['tags'])})"
            for row in found.tags
        ]
        more = found.tags[0]["moved"] - len(found.tags)
        rest = f" and {more:,} more" if more else ""
        yield f"  tags: {found.tags[0]['moved']:,} lead elsewhere: {', '.join(led)}{rest}"
    else:
        yield "  tags: none leads elsewhere"
    mix = found.mix
    if mix["driver_mix"] is None or mix["segment_mix"] is None:
        yield "  mix: nothing to compare, one of the periods is empty"
        return
    for name, key in (("drivers", "driver_mix"), ("segments", "segment_mix")):
        yield f"  mix of {name}: population stability index {mix[key]:.3f}"
    if mix["unmapped_share"] is not None:
        yield f"  without a known tag: {mix['unmapped_before']:.1%} → {mix['unmapped_share']:.1%}"
    yield from _drift(found, width)


def _drift(found: Defence, width: int) -> Iterator[str]:
    over = [row for row in found.drift if row["is_over"]]
    for row in over[:WORST]:
        yield from wrapped(f"drifted: {moved(row)}", width, 2)
    unmeasured = sum(row["measured"] is None for row in found.drift)
    if found.drift and not over:
        yield (
            f"  drift from its baseline: none of {len(found.drift) - unmeasured} measures beyond its bound, "
            f"{unmeasured} not measured"
        )


def _names(tags: Iterable[str]) -> str:
    return " + ".join(tags or ["none"])


def _weights(found: Defence, width: int) -> Iterator[str]:
    yield "Segments, share here against share of all conversations in scope opened in the period"
    if found.weights and all(abs(row["over"]) < SAME for row in found.weights):
        yield "  each weighs what it weighs in all"
    else:
        yield from _shares(found.weights, "share_of_all", "over", width)
    yield "Segments, share here against share of all customers who ever wrote"
    yield from _shares(found.weights, "share_of_customers", "over_customers", width)


def _shares(rows: list[Row], of: str, over: str, width: int) -> Iterator[str]:
    told = [
        f"{row['segment']} {row['share']:.1%} against {row[of]:.1%} ({100 * row[over]:+.1f} pts)"
        for row in sorted(rows, key=lambda row: -abs(row[over]))
    ]
    yield from wrapped("; ".join(told) or "no conversation", width, 3)


def _movement(found: Defence) -> Iterator[str]:
    if not found.movement:
        yield "Why it moved: there are no two values to compare"
        return
    first, share = found.movement[0], found.number.contract["value_kind"] == "share"
    yield f"Why it moved: parts that sum to the change{', in points' if share else ''}"
    split = first["mix"] is not None
    yield _columns(
        "driver", "segment", *(("mix", "rate") if split else ("", "")), "part", "conversations"
    )
    # the interaction is no cell, and is never among the others
    cells = [row for row in found.movement if row["kind"] == "cell"]
    rest = cells[PARTS:]
    for row in cells[:PARTS]:
        yield _part(row["driver"], row["segment"], [row], split, share)
    if rest:
        yield _part(f"{len(rest):,} others", "", rest, split, share)
    for row in found.movement:
        if row["kind"] == "interaction":
            yield _part("interaction", "", [row], split, share, counts=False)
    yield _part("change", "", found.movement, split, share, counts=False)
    if first["simpson_by"]:
        way = "rose" if first["total_after"] > first["total_before"] else "fell"
        other = "fell" if way == "rose" else "rose"
        by = " and by ".join(
            "driver and segment" if each == "cell" else each for each in first["simpson_by"]
        )
        yield f"  Simpson's reversal: in all it {way}, and by {by} nine tenths of it or more {other}: mix decides"


def _part(
    name: str, segment: str, rows: list[Row], split: bool, share: bool, counts: bool = True
) -> str:
    scale = 100 if share else 1

    def summed(key: str) -> str:
        return f"{scale * sum(row[key] for row in rows):+,.2f}"

    before, after = (
        sum(row[f"conversations_{each}"] for row in rows) for each in ("before", "after")
    )
    mix, rate = (summed("mix"), summed("rate")) if split else ("", "")
    return _columns(
        name, segment, mix, rate, summed("part"), f"{before:,} → {after:,}" if counts else ""
    )


def _columns(name: str, segment: str, mix: str, rate: str, part: str, counts: str) -> str:
    return f"  {cut(name, 28):28} {cut(segment, 14):14} {mix:>10} {rate:>10} {part:>10}  {counts:>15}".rstrip()
