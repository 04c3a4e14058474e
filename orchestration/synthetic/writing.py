"""Writing a synthetic export: the whole world, or the day after it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from orchestration.synthetic import damage, joining, plants, ranges
from orchestration.synthetic.ranges import Progress, copy
from orchestration.synthetic.room import SOURCES, WORLD_FILE, check_may_go, make_room
from orchestration.synthetic.world import DAY_AFTER, EXPORT_AT, World, sql

RECENT_WEEKS = 3
RECENT_SHARE = 0.8
"""Of the conversations that a day updates, how many come from the last weeks."""


BROKEN = "broken_record"
"""The one plant that damages files already written; the others are variables of the world."""


@dataclass(frozen=True)
class GeneratedExport:
    """What was written: conversations counts each once, bytes all files under `folder`."""

    folder: Path
    conversations: int
    files: tuple[Path, ...]
    bytes: int

    def __str__(self) -> str:
        return (
            f"{self.conversations:,} conversations in {len(self.files)} files, "
            f"{self.bytes / 1e6:,.1f} MB, under {self.folder}"
        )


def generate(
    out: Path,
    conversations: int,
    seed: int,
    plant: Sequence[str] = (),
    on_progress: Progress = lambda done, total: None,
    files: int = 1,
    *,
    replace: bool = False,
) -> GeneratedExport:
    """
    Write a whole world: 13 months of Zendesk and billing exports under `out`, and its truth.

    The same conversations, seed and plants give the same bytes on any machine. `files` cuts the
    records of each growing file into as many. Raises ValueError for a size below one, an unknown
    plant, or an `out` that holds anything but this synthetic export; with `replace`, any synthetic
    export that is there gives way.
    """
    if conversations < 1 or files < 1:
        raise ValueError("conversations and files must be 1 or more.")
    planted = plants.parse(plant)
    world = World(conversations, seed, planted)
    made = {"conversations": conversations, "seed": seed, "plants": list(plant), "files": files}
    check_may_go(out, made, replace)
    parts = make_room(out)
    ranges.render(world, ranges.of_world(conversations), parts, "0001", on_progress, conversations)
    broken: list[str] = []
    if any(one.name == BROKEN for one in planted):
        broken = damage.break_records(parts / "zendesk/tickets-0001.ndjson")
    with world.connect() as connection:
        _write_once(connection, parts)
        _write_sums(
            connection, parts, parts / "truth.parquet", parts / "zendesk/expected.csv", broken
        )
    if files > 1:
        for name in ranges.STREAMS.values():
            names = [f"{name}-{number:04}.ndjson" for number in range(1, files + 1)]
            joining.cut(parts / "zendesk" / names[0], names)
    _list_plants(parts, planted, broken)
    (parts / WORLD_FILE).write_text(json.dumps(made) + "\n", encoding="utf-8")
    return _settle(parts, out, conversations, replaces=True)


def _list_plants(parts: Path, planted: Sequence[plants.Plant], broken: Sequence[str]) -> None:
    """Say beside the truth what was planted."""
    listed: list[dict[str, object]] = [{"name": one.name, **one.variables} for one in planted]
    for one in listed:
        if one["name"] == BROKEN:
            one["broken"] = list(broken)
    (parts / "planted.json").write_text(json.dumps(listed, indent=2) + "\n")


def generate_day(
    out: Path,
    conversations: int,
    seed: int,
    new: int,
    updated: int,
    on_progress: Progress = lambda done, total: None,
    plant: Sequence[str] = (),
) -> GeneratedExport:
    """
    Write the export of the day after the world of (conversations, seed, plant).

    It holds `new` further conversations and later versions of `updated` ones of that world, mostly
    of its last weeks. Names carry the day, so that `out` can be copied over the folder of the first
    export, and may be that folder. What is planted in the world shows in its later versions too;
    files of the day are not damaged. Raises ValueError as `generate` does.
    """
    if conversations < 1 or new < 0 or updated < 0 or not new + updated:
        raise ValueError("conversations, and new or updated, must be 1 or more.")
    world = World(conversations, seed, plants.parse(plant), record_at=EXPORT_AT + timedelta(days=1))
    parts = make_room(out)
    day = DAY_AFTER.isoformat()
    numbers = _numbers_of_the_day(world, new, updated, parts)
    listed = ranges.of_file(numbers, new + updated)
    ranges.render(world, listed, parts, day, on_progress, new + updated)
    numbers.unlink()
    with world.connect() as connection:
        _write_sums(
            connection,
            parts,
            parts / f"truth-{day}.parquet",
            # named as in the first export, so it needs a folder of its own
            parts / f"zendesk/{day}/expected.csv",
        )
    return _settle(parts, out, new + updated, replaces=False)


def _numbers_of_the_day(world: World, new: int, updated: int, parts: Path) -> Path:
    """List the conversations a day brings, those written to again first."""
    recent = max(1, world.conversations * RECENT_WEEKS // 56)
    path = parts / "numbers"
    with world.connect() as connection:
        connection.execute(
            f"create temp table numbers as {sql('numbers_of_the_day')}",
            {
                "day": DAY_AFTER,
                "new": new,
                "recent_from": world.conversations - recent,
                "recent": round(updated * RECENT_SHARE),
                "updated": updated,
            },
        )
        copy(
            connection, "select *, row_number() over (order by no) - 1 as place from numbers", path
        )
    return path


def _write_once(connection: duckdb.DuckDBPyConnection, parts: Path) -> None:
    """Write the files that do not follow the conversations: people, groups, policies, billing."""
    connection.execute(sql("accounts"))
    for name in ("users", "organizations"):
        copy(connection, sql(name), parts / f"zendesk/{name}-0001.ndjson", "format json")
    for name in ("groups", "sla_policies"):
        copy(connection, sql(name), parts / f"zendesk/{name}.json", "format json")
    for name in ("accounts", "invoices"):
        copy(connection, sql(f"{name}_file"), parts / f"billing/{name}.csv", "format csv, header")


def _write_sums(
    connection: duckdb.DuckDBPyConnection,
    parts: Path,
    truth: Path,
    expected: Path,
    broken: Sequence[str] = (),
) -> None:
    """
    Put the truth of all ranges into one file, and sum their expected counts.

    `broken` names the conversations a record of which was damaged after it was written.
    """
    connection.execute("set variable broken = $broken::varchar[]", {"broken": list(broken)})
    connection.execute(f"create temp view openings as from {ranges.parquet(parts, 'expected')}")
    copy(connection, sql("expected_file"), expected, "format csv, header")
    connection.execute(f"create temp view truths as from {ranges.parquet(parts, 'truth')}")
    copy(connection, sql("truth_file"), truth)
    for name in ranges.SUMS:
        for part in parts.glob(f"{name}.[0-9]*"):
            part.unlink()


def _settle(parts: Path, out: Path, conversations: int, *, replaces: bool) -> GeneratedExport:
    """Move what is whole to its place; a world replaces the one before, a day is added to it."""
    if replaces:
        for folder in SOURCES:
            shutil.rmtree(out / folder, ignore_errors=True)
    made = []
    for path in sorted(path for path in parts.rglob("*") if path.is_file()):
        place = out / path.relative_to(parts)
        place.parent.mkdir(parents=True, exist_ok=True)
        made.append(path.replace(place))
    shutil.rmtree(parts)
    return GeneratedExport(out, conversations, tuple(made), sum(p.stat().st_size for p in made))
