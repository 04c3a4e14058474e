"""The dbt project as Python sees it: where it is, and its manifest, kept fresh."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from orchestration.stores import Stores

PROJECT = Path(__file__).parents[1] / "dbt_project"
MANIFEST = PROJECT / "target" / "manifest.json"
DBT = Path(sys.executable).with_name("dbt")


class WarehouseError(Exception):
    """The dbt project cannot be read."""


def manifest_path() -> Path:
    """The manifest of the project as it stands; parsed again when a file of it is newer."""
    if not MANIFEST.exists() or MANIFEST.stat().st_mtime < _last_edit():
        _parse()
    return MANIFEST


def read_manifest() -> dict[str, Any]:
    """What dbt understood of the project: sources, models, seeds, groups, after inheritance and Jinja."""
    return dict(json.loads(manifest_path().read_text(encoding="utf-8")))


def dbt_environment(stores: Stores) -> dict[str, str]:
    """The variables profiles.yml reads, for a dbt process that builds in these stores."""
    return {**os.environ, "ASSAY_DATA": str(stores.root), "DO_NOT_TRACK": "1"}


def _last_edit() -> float:
    edited = [PROJECT / "dbt_project.yml", PROJECT / "profiles.yml"]
    for folder in ("models", "seeds", "macros", "tests"):
        edited += [path for path in (PROJECT / folder).rglob("*") if path.is_file()]
    return max(path.stat().st_mtime for path in edited)


def _parse() -> None:
    # dbt keeps the time of an unchanged manifest, so an edit that changes nothing would parse for ever
    parsed = subprocess.run(
        [DBT, "--quiet", "parse", "--project-dir", PROJECT, "--profiles-dir", PROJECT],
        env={**os.environ, "DO_NOT_TRACK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if parsed.returncode != 0:
        raise WarehouseError(f"{PROJECT}: dbt cannot parse the project.\n{parsed.stdout.strip()}")
    MANIFEST.touch()
