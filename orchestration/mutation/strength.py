"""The strength of contracts: of the harms that reach a metric, those that its own checks notice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb

from contracts.contract import Contract
from contracts.data import LEAST_OF_SLICE
from expectations.outcome import Outcome
from orchestration import build_plan, warehouse
from orchestration.mutation.drawing import World, draw
from orchestration.mutation.harm import Harm
from orchestration.mutation.planting import Copies, Found, Project
from orchestration.mutation.records import Records
from orchestration.mutation.tables import FACTS, beneath
from orchestration.mutation.verdict import Verdict
from orchestration.stores import Stores

_PERIODS = """
    select distinct period_start::date, period_end::date
    from (
        from candidate.counted.metric_counts
        where dimension = 'all' and is_complete and days > 0 and list_contains($1, metric)
        qualify period_start = max(period_start) over (partition by metric)
    )
    order by all
"""


class NothingToHarm(Exception):
    """The build holds no complete period of the metrics asked about."""


def measure(
    stores: Stores,
    project: Project,
    contracts: Sequence[Contract],
    kinds: Sequence[str],
    each: int,
    seed: int,
    folder: Path,
    on_harm: Callable[[int, Harm], None],
) -> list[Verdict]:
    """
    Plant `each` harms of each kind, one at a time, and tell of each metric of `contracts` it reaches whether it
    was noticed.

    Copies are made in `folder`. Raises NothingToHarm where no period of any of the metrics is complete.
    """
    copies = Copies(stores, project, folder)
    with copies.opened() as connection:
        harms = list(draw(world(connection, stores, project, contracts), kinds, each, seed))
    told = []
    for number, harm in enumerate(harms, start=1):
        on_harm(number, harm)
        told += verdicts(contracts, harm, copies.as_it_stands, copies.harmed(harm))
    return told


def verdicts(
    contracts: Sequence[Contract], harm: Harm, before: Sequence[Outcome], found: Found
) -> list[Verdict]:
    """What became of a harm, for each metric that it reached; `before` is what was said of the sound copy."""
    new = news(before, found.outcomes)
    return [_verdict(each, harm, new) for each in contracts if each.metric in found.reached]


def world(
    connection: duckdb.DuckDBPyConnection,
    stores: Stores,
    project: Project,
    contracts: Sequence[Contract],
) -> World:
    """What harms are drawn from. Raises NothingToHarm where no period of any of the metrics is complete."""
    periods: list[tuple[date, date]] = connection.execute(
        _PERIODS, [[each.metric for each in contracts]]
    ).fetchall()
    if not periods:
        raise NothingToHarm("No period of these metrics is complete: there is nothing to harm yet.")
    records = Records(
        connection,
        since=min(first for first, _ in periods),
        periods=tuple(periods),
        built=beneath(project.manifest, FACTS),
        zone=str(build_plan.project_variables(warehouse.PROJECT)["business_time_zone"]),
        least_of_slice=max(
            (each.data.coverage.least_of_slice for each in contracts if each.data),
            default=LEAST_OF_SLICE,
        ),
    )
    received = Path(stores.received_from.read_text(encoding="utf-8").strip())
    return World(connection, records, contracts, project.declarations, received)


def news(before: Sequence[Outcome], now: Sequence[Outcome]) -> list[Outcome]:
    """What fails now and did not before: a check that failed already has noticed nothing."""
    known = {_told(each) for each in before if each.passed is False}
    return [each for each in now if each.passed is False and _told(each) not in known]


def _told(outcome: Outcome) -> tuple[object, ...]:
    return (outcome.suite, outcome.metric, outcome.slice)


def _verdict(contract: Contract, harm: Harm, news: Sequence[Outcome]) -> Verdict:
    own = [each for each in news if each.metric == contract.metric]
    naming = next((each for each in own if _names(each, harm)), None)
    verdict = Verdict(contract.metric, contract.version, harm.kind, harm.place, None, "")
    if naming is not None:
        return replace(verdict, noticed_by=naming.clause, finding=naming.detail)
    return replace(verdict, finding=_why_it_survives(contract, harm, own, news))


def _names(outcome: Outcome, harm: Harm) -> bool:
    """Whether a finding tells where the harm is, by slice or sentence; part of a longer word is no name."""
    if harm.checks and outcome.clause not in harm.checks:
        return False
    told = f"{outcome.slice or ''}\n{outcome.detail}"
    return any(re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", told) for name in harm.names)


def _why_it_survives(
    contract: Contract, harm: Harm, own: Sequence[Outcome], news: Sequence[Outcome]
) -> str:
    part, _, _ = harm.clause.partition(".")
    if getattr(contract, part) is None:
        return f"its contract has no {part.replace('_', ' ')}: {harm.clause} would notice it"
    if harm.reach == "fields" and contract.metric not in harm.metrics:
        (field,) = harm.names
        return f"its contract does not lock {field}: source_fields.{field} would notice it"
    if own:
        return f"{own[0].clause} fails, and does not say where: {own[0].detail}"
    others = sorted({each.suite for each in news if each.metric is None and _names(each, harm)})
    told = f"; of all metrics together {', '.join(others)} tells" if others else ""
    return f"{harm.clause} is met all the same{told}"
