"""The contracts as the build reads them: one row per metric that is declared."""

from __future__ import annotations

from contracts.contract import Contract
from contracts.reading import Contracts

COLUMNS = """
    metric varchar, version varchar, title varchar, owner varchar, owner_email varchar,
    is_read boolean, problems varchar[], missing varchar[], cadence varchar, value_kind varchar,
    unit varchar, direction varchar, outputs varchar[], grace_hours bigint, coverage_above double,
    quotes bigint, signal varchar, signal_value varchar, allowed varchar[], forbidden varchar[],
    retired_on date, retired_because varchar, contract varchar, systems varchar[]
"""
"""`raw.contracts`. A contract that cannot be read, or has no definition, has a row that says why."""


def rows(found: Contracts) -> list[tuple[object, ...]]:
    """Every contract, by name."""
    read = {each.metric: _row(each) for each in found.contracts}
    unread = {
        metric: (metric, *[None] * 4, False, list(sentences), *[None] * 16, [])
        for metric, (_, sentences) in found.problems.items()
    }
    return [row for _, row in sorted({**read, **unread}.items())]


def _row(contract: Contract) -> tuple[object, ...]:
    definition, data, use = contract.definition, contract.data, contract.decision_use
    down = contract.drill_down
    validation = down.validation if down else None
    return (
        contract.metric,
        contract.version,
        contract.title,
        contract.owner.name if contract.owner else None,
        contract.owner.email if contract.owner else None,
        definition is not None,
        [],
        list(contract.missing),
        definition.cadence if definition else None,
        definition.value if definition else None,
        definition.unit if definition else None,
        definition.direction if definition else None,
        list(definition.outputs) if definition else None,
        data.grace_hours if data else 24,
        data.coverage.above if data else 0.95,
        down.quotes if down else 3,
        getattr(validation, "signal", None),
        getattr(validation, "value", None),
        list(use.allowed) if use else [],
        list(use.forbidden) if use else [],
        contract.retired.since if contract.retired else None,
        contract.retired.reason if contract.retired else None,
        contract.model_dump_json(),
        list(data.systems) if data else [],
    )
