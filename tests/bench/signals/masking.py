"""Recall and false masks on sets whose author had not seen the rules."""

from __future__ import annotations

import csv
from collections import Counter

import duckdb
from rich.table import Table

from contracts.macros import macros

from .labelled import FROZEN

LOOKED_INTO = {
    "1": "used to improve the rules",
    "2": "used to improve the rules",
    "3": "not looked into",
    "4": "not looked into",
}


def masking_table() -> Table:
    """One row per set and kind of personal data, and one per set of look-alikes."""
    table = Table("masking", "split", "kind", "n", "masked")
    for number, split in LOOKED_INTO.items():
        with (FROZEN / "masking" / f"personal_data_{number}.csv").open(
            encoding="utf-8", newline=""
        ) as file:
            rows = list(csv.DictReader(file))
        masked = _mask([row["text"] for row in rows])
        all_, gone = Counter(), Counter()
        for row, text in zip(rows, masked, strict=True):
            for kind in (row["kind"], "all kinds"):
                all_[kind] += 1
                gone[kind] += row["secret"] not in text
        for kind, n in all_.items():
            table.add_row(f"set {number}", split, kind, str(n), f"{gone[kind] / n:.1%}")
        with (FROZEN / "masking" / f"no_personal_data_{number}.csv").open(
            encoding="utf-8", newline=""
        ) as file:
            texts = [row["text"] for row in csv.DictReader(file)]
        false = sum(one != other for one, other in zip(texts, _mask(texts), strict=True))
        table.add_row(
            f"set {number}",
            split,
            "none (false masks)",
            str(len(texts)),
            f"{false / len(texts):.1%}",
        )
    return table


def _mask(texts: list[str]) -> list[str]:
    masking = macros("mask_*")
    prose = masking.default__mask_names_and_addresses("prose", "body")
    masked_body = masking.default__mask_personal_data("body")
    rows = duckdb.execute(
        "with prose as (select unnest(?::varchar[]) as body, unnest(range(?)) as no)"
        f" select {masked_body} from {prose} order by no",
        [texts, len(texts)],
    ).fetchall()
    return [row[0] for row in rows]
