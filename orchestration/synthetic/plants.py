"""Planted events: what may be wrong with a synthetic export on purpose, and how it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.synthetic import words

PLANTS = {
    "missing_queue_day": "missing_queue_day[:QUEUE:DATE]",
    "renamed_tag": "renamed_tag[:RAW_TAG]",
    "changed_field": "changed_field[:priority|order_value[:DATE]]",
    "driver_spike": "driver_spike:DRIVER:DATE",
    "label_flips": "label_flips:SHARE",
    "broken_record": "broken_record",
}
"""Every plant and how it is written."""

RENAMED_TO = "intake_v2_k7"
"""A spelling no taxonomy knows, so that the renamed tag shows among the unmapped ones."""

LAST_WEEKS = "2026-09-03"
"""Four weeks before the traffic ends: what changes from here on is new to every weekly check."""


@dataclass(frozen=True)
class Plant:
    """One planted event: its name, and the variables of the world it sets."""

    name: str
    variables: dict[str, str | float]


def parse(plants: Sequence[str]) -> list[Plant]:
    """
    Read plants written `name` or `name:argument…`.

    Raises ValueError naming the known plants, or the form of the one that is written wrongly.
    """
    return [_parse(text) for text in plants]


def _parse(text: str) -> Plant:
    name, *arguments = text.split(":")
    if name not in PLANTS:
        raise ValueError(
            f"--plant {text}: no plant is called {name!r}. Known are: {', '.join(PLANTS.values())}."
        )
    try:
        return Plant(name, _READ[name](*arguments))
    except (TypeError, ValueError) as error:
        found = "" if isinstance(error, TypeError) else f" ({error})"
        raise ValueError(f"--plant {text}: write {PLANTS[name]}{found}.") from error


def _known(column: str, value: str) -> str:
    known = dict.fromkeys(row[column] for row in words.rows("topics"))
    if value not in known:
        raise ValueError(f"{value!r} is not a {column}; known are {', '.join(known)}")
    return value


def _day(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _missing_queue_day(
    queue: str = "Orders & Logistics", day: str = "2026-09-15"
) -> dict[str, str | float]:
    return {"missing_queue": _known("queue", queue), "missing_day": _day(day)}


def _renamed_tag(raw_tag: str = "WISMO") -> dict[str, str | float]:
    if raw_tag not in {row["raw_tag"] for row in words.rows("raw_tags")}:
        raise ValueError(f"{raw_tag!r} is not a spelling of words/raw_tags.csv")
    return {"renamed_tag": raw_tag, "renamed_to": RENAMED_TO, "renamed_from": LAST_WEEKS}


def _changed_field(field: str = "priority", day: str = LAST_WEEKS) -> dict[str, str | float]:
    if field not in {"priority", "order_value"}:
        raise ValueError(f"{field!r} is neither priority nor order_value")
    return {"changed_field": field, "changed_from": _day(day)}


def _driver_spike(driver: str, day: str) -> dict[str, str | float]:
    return {"spike_driver": _known("driver", driver), "spike_from": _day(day)}


def _label_flips(share: str) -> dict[str, str | float]:
    if not 0 < float(share) <= 1:
        raise ValueError(f"{share} is not a share between 0 and 1")
    return {"flip_share": float(share)}


def _broken_record() -> dict[str, str | float]:
    # the file is damaged once it is written: no variable of the world changes
    return {}


_READ: dict[str, Callable[..., dict[str, str | float]]] = {
    "missing_queue_day": _missing_queue_day,
    "renamed_tag": _renamed_tag,
    "changed_field": _changed_field,
    "driver_spike": _driver_spike,
    "label_flips": _label_flips,
    "broken_record": _broken_record,
}
