"""Macros of the dbt project rendered without dbt, where the same SQL is needed outside a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment

FOLDER = Path(__file__).parents[1] / "dbt_project" / "macros"


def macros(*files: str, folder: Path = FOLDER) -> Any:
    """
    What the named files define, as attributes: call DuckDB's own version, `default__<macro>`.

    A name may stand for several files, as in `mask_*`. Raises FileNotFoundError where it stands for none.
    A macro that asks dbt for something (a ref, a variable, the graph) fails when it is called.
    """
    found = [
        path
        for file in files
        for path in sorted(folder.glob(f"{file}.sql")) or [folder / f"{file}.sql"]
    ]
    text = "".join(path.read_text(encoding="utf-8") for path in found)
    return Environment(extensions=["jinja2.ext.do"]).from_string(text).module
