"""The folder a synthetic export is written to: what it holds already, and whether that may go."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from orchestration.synthetic.world import DAY_AFTER

WORLD_FILE = "world.json"
"""Says beside the truth which world a folder holds."""

PARTS = ".parts"
SOURCES = ("zendesk", "billing")

_OURS = re.compile(
    r"(tickets|ticket_audits|satisfaction_ratings|users|organizations)-[\d-]+\.ndjson"
    r"|groups\.json|sla_policies\.json|expected\.csv|accounts\.csv|invoices\.csv"
)


def make_room(out: Path) -> Path:
    """
    Return an empty folder inside `out` to write in; what is whole moves out of it at the end.

    Raises ValueError where `out` holds anything but synthetic exports.
    """
    if out.exists() and not out.is_dir():
        raise ValueError(f"{out} is a file: name a folder for the synthetic export.")
    held = {entry.name for entry in out.iterdir()} if out.exists() else set()
    if held - {PARTS} and not any(name.startswith("truth") for name in held):
        raise ValueError(
            f"{out} holds files that are not a synthetic export: name an empty folder."
        )
    parts = out / PARTS
    shutil.rmtree(parts, ignore_errors=True)
    (parts / "zendesk" / DAY_AFTER.isoformat()).mkdir(parents=True)
    (parts / "billing").mkdir()
    return parts


def check_may_go(out: Path, world: Mapping[str, Any], replace: bool) -> None:
    """
    Raise ValueError where writing `world` to `out` would remove files of others, or another world.

    The same world again is no loss: it has the same bytes. With `replace`, another one gives way.
    """
    strangers = [
        path
        for source in SOURCES
        for path in sorted((out / source).rglob("*"))
        if path.is_file() and not _OURS.fullmatch(path.name)
    ]
    if strangers:
        raise ValueError(
            f"{strangers[0]} is no part of a synthetic export and would be removed: "
            "move it away, or name another folder."
        )
    held = _held(out)
    if held not in (None, dict(world)) and not replace:
        raise ValueError(
            f"{out} holds another synthetic export ({_said(held)}). A build that loaded it would hold "
            "both worlds: name another folder, or write --replace to overwrite it."
        )


def _held(out: Path) -> dict[str, Any] | None:
    if (out / WORLD_FILE).exists():
        return dict(json.loads((out / WORLD_FILE).read_text(encoding="utf-8")))
    return {} if any(out.glob("truth*.parquet")) else None


def _said(world: Mapping[str, Any] | None) -> str:
    if not world:
        return "it does not say which"
    plants = ", ".join(world["plants"]) or "nothing"
    return (
        f"{world['conversations']:,} conversations, seed {world['seed']}, planted: {plants}, "
        f"in {world['files']} files"
    )
