"""The product's selects as dbt compiled them: what a text says is taken from there, letter for letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

FOLDER = Path("dbt") / "compiled" / "assay" / "models"
"""Within a data folder that was last built from nothing."""

SIGNALS = (
    "languages_detected", "own_words", "churn_risk", "weighed_messages", "sentiment", "customer_effort", "outcome",
    "summaries", "custom_signals",
)  # fmt: skip
"""Models of the folder signals, each after those it reads."""

RELATION = re.compile(r'"(work|candidate)"\."\w+"\."(\w+)"')


def select(models: Path, model: str, written: Callable[[str, str], str]) -> str:
    """The select of `model` (`<folder>/<name>`), each relation as `written` from its database and name."""
    text = (models / f"{model}.sql").read_text("utf-8")
    return RELATION.sub(lambda found: written(found[1], found[2]), text)


def signals(models: Path) -> list[str]:
    """The signals that are columns of fct_conversations, in their order."""
    text = (models / "signals" / "signal_columns.sql").read_text("utf-8")
    return re.findall(r"filter \(where signal = '(\w+)'\)", text)
