"""What is wrong with a metric's units, found before anything is counted: a broken metric stops no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import duckdb

from contracts.contract import DIMENSIONS
from orchestration.brought import write
from orchestration.exports.opened import PLAUSIBLE
from orchestration.printable import of_another_program
from orchestration.rows import Row, told
from orchestration.stores import Stores
from orchestration.warehouse import BuiltNode
from orchestration.work import connect

COLUMNS = "metric varchar, fault varchar, is_of_build boolean"
"""`raw.metric_faults`; of the build: dbt could not make the metric's view, so there are no units to look at."""

# every column is asked of: a text that is no date is found where it is read, and here it stops one metric only
_UNITS = """
select
    count(*) as units,
    -- a digest of eight bytes is told apart in a third of the time of a text
    count(units.unit_id) - count(distinct hash(units.unit_id)) filter (units.unit_id is not null) as repeated,
    count(*) filter (units.unit_id is null) as unnamed,
    count(*) filter (units.occurred_at is null) as undated,
    count(*) filter (not (units.occurred_at {plausible} and units.opened_on {plausible})) as implausible,
    count(*) filter (units.source is null or units.opened_on is null) as unplaced,
    count(*) filter (
        not (isfinite(units.numerator) and isfinite(units.denominator) and isfinite(units.measure))
    ) as infinite,
    count(*) filter (units.denominator is null) as undivided,
    count(*) filter (units.numerator > units.denominator) as above,
    count(*) filter (units.numerator < 0 or units.denominator < 0) as negative,
    count(*) filter (units.{needed} is null) as unvalued,
    {dimensions},
    coalesce(list_sort(list(distinct units.state) filter (units.state is not null)), []) as states,
    count(*) filter (in_scope.conversation_id is null) as excluded,
    min(units.conversation_id) filter (in_scope.conversation_id is null) as excluded_example
from candidate.metrics.{metric} as units
left join (select conversation_id from candidate.marts.fct_conversations where is_in_scope) as in_scope
    on units.conversation_id = in_scope.conversation_id
"""


def find(stores: Stores, manifest: Mapping[str, Any], built: Sequence[BuiltNode]) -> None:
    """
    Write `raw.metric_faults`: what dbt could not build, and what the units that it built break.

    A view that could not be built anew is dropped: what it says no longer follows from the metric's SQL.
    """
    nodes = {each.unique_id: manifest["nodes"][each.unique_id] for each in built}
    said = {
        nodes[each.unique_id]["name"]: _first_lines(each.message)
        for each in built
        if not each.passed and is_metric(nodes[each.unique_id])
    }
    with _connected(stores) as work:
        for metric in said:
            work.execute(f'drop view if exists candidate.metrics."{metric}"')
        _write(work, said)


def find_again(stores: Stores) -> None:
    """The same where no view was built since: contracts alone may have changed."""
    with _connected(stores) as work:
        kept = "select metric, fault from raw.metric_faults where is_of_build"
        _write(work, dict(work.execute(kept).fetchall()))


@contextmanager
def _connected(stores: Stores) -> Iterator[duckdb.DuckDBPyConnection]:
    with connect(stores) as work:
        work.execute(f"attach '{stores.candidate}' as candidate")
        yield work


def _write(work: duckdb.DuckDBPyConnection, said: Mapping[str, str]) -> None:
    for unread in told(work, "from raw.contracts where not is_read"):
        # nothing in it is held to anything
        work.execute(f'drop view if exists candidate.metrics."{unread["metric"]}"')
    contracts = told(work, "from raw.contracts where is_read order by metric")
    faults: list[tuple[object, ...]] = [(*each, True) for each in sorted(said.items())]
    for contract in contracts:
        metric = contract["metric"]
        if metric not in said:
            faults += [(metric, fault, False) for fault in _found(work, contract)]
    write(work, "raw.metric_faults", COLUMNS, faults)


def is_metric(node: Mapping[str, Any]) -> bool:
    """Whether a node of the manifest is a metric's view."""
    return node["resource_type"] == "model" and node["schema"] == "metrics"


def metric_nodes(manifest: Mapping[str, Any]) -> list[str]:
    """The unique ids of all metrics."""
    return [name for name, node in manifest["nodes"].items() if is_metric(node)]


def _found(work: duckdb.DuckDBPyConnection, contract: Row) -> list[str]:
    counted = contract["value_kind"] in ("share", "mean", "count")
    query = _UNITS.format(
        plausible=PLAUSIBLE,
        metric=f'"{contract["metric"]}"',
        needed="numerator" if counted else "measure",
        dimensions=", ".join(
            f"count(*) filter (units.{each} is null) as {each}_missing" for each in DIMENSIONS
        ),
    )
    try:
        (facts,) = told(work, query)
    except duckdb.Error as error:
        return [_first_lines(str(error))]
    return [*_of_units(facts, contract), *_of_states(facts, contract)]


def _of_units(facts: Row, contract: Row) -> list[str]:
    kind = contract["value_kind"]
    sentences = {
        "unnamed": "{:,} units have no unit_id.",
        "repeated": "{:,} units are returned more than once: a join multiplies them.",
        "undated": "{:,} units have no occurred_at, so they fall into no period.",
        "implausible": "{:,} units have an occurred_at or opened_on before 1990 or after 2099.",
        "unplaced": "{:,} units have no source or opened_on, by which their coverage is known.",
        "infinite": "{:,} units have a numerator, denominator or measure that is no finite number.",
        "negative": "{:,} units have a numerator or denominator below 0.",
        "unvalued": "{:,} units have nothing to be counted by: numerator (or measure) is null.",
        **({"undivided": "{:,} units have no denominator."} if kind in ("share", "mean") else {}),
        **(
            {"above": "{:,} units have a numerator above their denominator."}
            if kind == "share"
            else {}
        ),
        **{
            f"{each}_missing": f"{{:,}} units have no {each}: write 'unknown' where it is not known."
            for each in DIMENSIONS
        },
    }
    found = [text.format(facts[name]) for name, text in sentences.items() if facts[name]]
    if facts["excluded"]:
        found.append(
            f"{facts['excluded']:,} units are of conversations out of scope, "
            f"{facts['excluded_example']} for one: read fct_measured, which holds those in scope."
        )
    return found


def _of_states(facts: Row, contract: Row) -> list[str]:
    declared = contract["outputs"] or []
    strangers = [each for each in facts["states"] if each not in declared]
    if not strangers:
        return []
    return [
        f"state holds {', '.join(strangers)}, which definition.outputs does not list: "
        f"it lists {', '.join(declared) or 'nothing'}. Leave them out of the SQL, or list them."
    ]


def _cells(line: str) -> list[str]:
    cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
    return [] if cells[:1] == ["column_name"] or set("".join(cells)) <= set("- ") else cells


def _first_lines(message: str) -> str:
    """What dbt or DuckDB said, as readers of the published file may read it: an error may quote a ticket."""
    lines = [line.strip() for line in of_another_program(message).splitlines() if line.strip()]
    if wrong := [cells for line in lines if len(cells := _cells(line)) == 4]:
        # dbt's table of columns: name, type found, type declared, reason
        return "; ".join(f"column {cells[0]}: {cells[3]}" for cells in wrong)
    return " ".join(lines[:4]) or "dbt could not build it."
