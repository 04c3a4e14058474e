"""What the SQL of a metric may read, and what that asks of its contract."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from contracts.contract import Contract, LabelledSample

READ_BY_METRICS = "marts"
"""The schema metrics read: it is published with them, and nothing in it names a person."""

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)


def sql_problems(node: Mapping[str, Any], nodes: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the SQL of a metric before anything is built. `nodes` are those of the manifest."""
    if not _code(node).strip():
        yield f"{node['name']}.sql holds no SQL: write a view of the units it counts."
    for name in node.get("depends_on", {}).get("nodes", ()):
        read = nodes.get(name)
        if read is None or read["schema"] != READ_BY_METRICS:
            called = name.split(".", 2)[-1]
            yield (
                f"{node['name']}.sql reads {called}, which is not published with it: read fct_measured or "
                f"another model of models/{READ_BY_METRICS}."
            )


def unlabelled_signals(
    node: Mapping[str, Any], contract: Contract, signals: Collection[str]
) -> Iterator[str]:
    """A metric that reads a signal is as good as that signal is answered: people must have labelled it."""
    clause = contract.drill_down.validation if contract.drill_down else None
    labelled = {clause.signal} if isinstance(clause, LabelledSample) else set()
    read = {each for each in signals if re.search(rf"\b{re.escape(each)}\b", _code(node))}
    for signal in sorted(read - labelled) if contract.drill_down else ():
        yield (
            f"{contract.metric}.metric_contract.drill_down.validation does not ask for labels of {signal}, which "
            f"its SQL reads: write {{signal: {signal}, value: …, labels: 50, kappa: 0.4}}."
        )


def _code(node: Mapping[str, Any]) -> str:
    return _COMMENT.sub("", node.get("raw_code") or "")
