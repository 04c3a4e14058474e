"""The bounds of a synthetic world: its days, its size, its seed, and what is planted in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from importlib.resources import files

import duckdb

from orchestration.synthetic import words
from orchestration.synthetic.plants import Plant

FIRST_DAY = date(2025, 9, 1)
LAST_DAY = date(2026, 9, 30)
"""Traffic ends on a fixed day: a world made tomorrow is the world made today."""

DAYS = (LAST_DAY - FIRST_DAY).days + 1
EXPORT_AT = datetime(2026, 10, 1)
"""The export is taken at the midnight that ends the last day (UTC)."""

DAY_AFTER = LAST_DAY + timedelta(days=1)

HOURS = (2, 1, 1, 1, 1, 2, 6, 14, 26, 34, 36, 34, 28, 30, 32, 31, 28, 24, 20, 18, 16, 13, 9, 5)
"""Relative weight of each hour of a day, UTC: an office day in Europe with an American evening."""

CHANNELS = {
    "email": 42, "web": 24, "chat": 14, "native_messaging": 8, "api": 5, "mobile": 4, "voice": 3,
}  # fmt: skip
"""Zendesk's names (`via.channel`) in percent."""

MIX_BUCKETS = 2048
"""Topics are drawn from a table of this many slots: the rarest of 58 still has five."""

CUSTOMERS_PER_CONVERSATION = 0.22
CONVERSATIONS_PER_ORGANIZATION = 100

MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example", "post.example")
"""Names that are reserved, so that no message can reach anybody."""

SETTING = (
    "people_macros", "text_macros", "record_macros", "seasons", "days", "mix",
)  # fmt: skip
"""The SQL files that a connection runs once, in this order."""

BOT_ID = 361000000001

UNSET = (
    "missing_queue", "missing_day", "renamed_tag", "renamed_to", "renamed_from", "changed_field",
    "changed_from", "spike_driver", "spike_from",
)  # fmt: skip
"""Variables only a plant sets; null text otherwise, so that comparisons find nothing."""


@dataclass(frozen=True)
class World:
    """
    A help desk's year: everything in it follows from `conversations` and `seed`.

    `record_at` is the moment whose state is exported (UTC); later than EXPORT_AT for the day after.
    """

    conversations: int
    seed: int
    plants: Sequence[Plant] = ()
    record_at: datetime = EXPORT_AT

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Return a connection of one thread, so that rows keep their order at no cost."""
        connection = duckdb.connect(config={"threads": 1, "memory_limit": "600MB"})
        connection.execute("set timezone = 'UTC'")
        for name, value in self._variables().items():
            connection.execute(f"set variable {name} = $value", {"value": value})
        for name in UNSET:
            connection.execute(f"set variable {name} = null::varchar")
        connection.execute("set variable flip_share = null::double")
        for plant in self.plants:
            for name, value in plant.variables.items():
                connection.execute(f"set variable {name} = $value", {"value": value})
        connection.execute(sql("chance"))
        words.speak(connection)
        for name in SETTING:
            connection.execute(sql(name))
        return connection

    def _variables(self) -> dict[str, object]:
        is_day_after = self.record_at > EXPORT_AT
        since = EXPORT_AT if is_day_after else datetime(1970, 1, 1)
        return {
            "conversations": self.conversations,
            "seed": self.seed,
            "consumers": max(150, int(self.conversations * CUSTOMERS_PER_CONVERSATION)),
            "organizations": max(48, self.conversations // CONVERSATIONS_PER_ORGANIZATION),
            "first_day": FIRST_DAY.isoformat(),
            "first_month": FIRST_DAY.replace(day=1).isoformat(),
            "days": DAYS,
            "export_at": EXPORT_AT.isoformat(),
            "record_at": self.record_at.isoformat(),
            "audits_from": f"{since.isoformat()}Z",
            "ratings_from": since.isoformat(),
            "mix_buckets": MIX_BUCKETS,
            "minutes_by_share": _minutes_by_share(),
            "channels": [name for name, percent in CHANNELS.items() for _ in range(percent)],
            "language_codes": list(words.LANGUAGES),
            "mail_domains": list(MAIL_DOMAINS),
            "bot_id": BOT_ID,
        }


@cache
def sql(name: str) -> str:
    """Return the statements of one SQL file beside this module."""
    return files(__package__).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def _minutes_by_share() -> list[float]:
    """Return, for each 1,440th of a day's conversations, the minute of the day it opens in."""
    minutes = []
    whole = sum(HOURS)
    hour, before = 0, 0
    for place in range(1440):
        wanted = place / 1440 * whole
        while wanted >= before + HOURS[hour]:
            before += HOURS[hour]
            hour += 1
        minutes.append(60 * (hour + (wanted - before) / HOURS[hour]))
    return minutes
