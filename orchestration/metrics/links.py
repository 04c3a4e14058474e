"""Links to conversations under a metric's last number, for whoever has to look at it."""

from __future__ import annotations

import re
from collections import defaultdict

import duckdb

from orchestration.stores import Stores

_READ = """
select metric, conversation_id, any_value(url) as url
from (
    from marts.metric_evidence
    where dimension = 'all' and list_contains($metrics, metric)
    qualify period_start = max(period_start) over (partition by metric)
)
group by metric, conversation_id
qualify row_number() over (partition by metric order by conversation_id) <= $most
order by metric, conversation_id
"""

MOST_READ = 5
"""Conversations linked beside a check that does not pass."""


def links(stores: Stores, metrics: set[str | None]) -> dict[str | None, str]:
    """Of each of these metrics some of the conversations under its last number, to be read first; as Markdown."""
    asked = {"metrics": sorted(filter(None, metrics)), "most": MOST_READ}
    with duckdb.connect(str(stores.candidate), read_only=True) as connection:
        rows = connection.execute(_READ, asked).fetchall()
    told: dict[str | None, list[str]] = defaultdict(list)
    for metric, conversation, url in rows:
        # what a help desk calls a conversation is text from elsewhere
        safe = re.sub(r"[^\w:.-]", "", conversation)
        is_link = bool(url) and re.fullmatch(r"https?://[^\s()<>\[\]]+", url)
        told[metric].append(f"- [{safe}]({url})" if is_link else f"- {safe}")
    return {metric: "\n".join(lines) for metric, lines in told.items()}
