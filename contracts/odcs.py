"""A contract in the words of the Open Data Contract Standard, and every clause beside as it was written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from open_data_contract_standard.model import (
    AuthoritativeDefinition,
    CustomProperty,
    DataQuality,
    Description,
    OpenDataContractStandard,
    Role,
    SchemaObject,
    SchemaProperty,
    Server,
    ServiceLevelAgreementProperty,
    Support,
    Team,
    TeamMember,
)

from contracts.contract import NUMBER, Contract, DecisionUse

API_VERSION = "v3.1.0"

KINDS = {"varchar": "string", "double": "number", "timestamptz": "timestamp", "date": "date"}
"""The standard's logical type of each type a metric's columns have."""

ALWAYS = ("unit_id", "conversation_id", "occurred_at")
"""Columns no unit may lack, whatever the metric."""


def odcs(contract: Contract, status: str = "draft", reasons: Sequence[str] = ()) -> str:
    """
    The contract as YAML of the standard.

    `status` is how the metric stands in a published build; what was never published is a draft.
    """
    document = OpenDataContractStandard(
        apiVersion=API_VERSION,
        kind="DataContract",
        id=contract.metric,
        name=contract.title,
        version=contract.version,
        status=status,
        domain=contract.group,
        description=_description(contract),
        schema=[_schema(contract)],
        servers=[
            Server(server="published", type="duckdb", database="assay.duckdb", schema="metrics")
        ],
        team=_team(contract),
        support=_support(contract),
        roles=[*_roles(contract.decision_use)],
        slaProperties=[*_promises(contract)],
        customProperties=[*_as_written(contract, reasons)],
    )
    return document.to_yaml()


def _description(contract: Contract) -> Description | None:
    definition, use = contract.definition, contract.decision_use
    if definition is None:
        return None
    return Description(
        purpose=definition.question,
        usage=f"{use.role}: {', '.join(use.allowed)}" if use else None,
        limitations=f"Included: {definition.included} Excluded: {definition.excluded}",
    )


def _team(contract: Contract) -> Team:
    address = contract.owner.email or contract.group
    owner = TeamMember(username=address, name=contract.owner.name, role="owner")
    return Team(name=contract.group, members=[owner])


def _support(contract: Contract) -> list[Support] | None:
    email = contract.owner.email
    return [Support(channel=email, tool="email", url=f"mailto:{email}")] if email else None


def _roles(use: DecisionUse | None) -> Iterator[Role]:
    """A purpose is a role: who reads for a forbidden one has no access."""
    if use:
        for purpose in use.allowed:
            yield Role(role=purpose, access="read")
        for purpose in use.forbidden:
            yield Role(role=purpose, access="none")


def _schema(contract: Contract) -> SchemaObject:
    definition = contract.definition
    return SchemaObject(
        name=contract.metric,
        physicalName=contract.metric,
        physicalType="view",
        logicalType="object",
        businessName=contract.title,
        description=contract.description,
        dataGranularityDescription=definition.included if definition else None,
        authoritativeDefinitions=[
            AuthoritativeDefinition(type="implementation", url=contract.file)
        ],
        properties=[_column(contract, name, kind) for name, kind in contract.columns.items()],
        quality=[*_rules(contract)],
    )


def _column(contract: Contract, name: str, kind: str) -> SchemaProperty:
    is_key = name == "unit_id"
    return SchemaProperty(
        name=name,
        physicalType=kind,
        logicalType=KINDS[kind.lower()],
        primaryKey=is_key or None,
        primaryKeyPosition=1 if is_key else None,
        unique=is_key or None,
        required=name in ALWAYS or None,
        quality=[*_column_rules(contract, name)] or None,
    )


def _column_rules(contract: Contract, name: str) -> Iterator[DataQuality]:
    definition = contract.definition
    if name == "unit_id":
        yield _rule(type="library", metric="duplicateValues", mustBe=0, dimension="uniqueness")
    if name == "state" and definition and NUMBER not in definition.outputs:
        yield _rule(
            type="library",
            metric="invalidValues",
            arguments={"validValues": [*definition.outputs]},
            mustBe=0,
            dimension="conformity",
        )


def _rules(contract: Contract) -> Iterator[DataQuality]:
    """What the audit holds the metric to."""
    if contract.definition and contract.definition.value == "share":
        yield _rule(
            name="numerator_within_denominator",
            type="sql",
            query="select count(*) from {object} where numerator > denominator",
            mustBe=0,
            dimension="consistency",
        )
    if data := contract.data:
        yield _judged_by_assay("coverage", data.coverage.above, "above", "coverage")
    if drift := contract.drift_controls:
        for name, bound in drift.bounds.model_dump(exclude_none=True).items():
            yield _judged_by_assay(name, bound, "at_most", "consistency")


def _rule(**said: Any) -> DataQuality:
    return DataQuality.model_validate(said)


def _judged_by_assay(clause: str, bound: float, side: str, dimension: str) -> DataQuality:
    return _rule(
        name=clause,
        type="custom",
        engine="assay",
        implementation={"clause": clause, side: bound},
        dimension=dimension,
    )


def _promises(contract: Contract) -> Iterator[ServiceLevelAgreementProperty]:
    promise = ServiceLevelAgreementProperty
    if definition := contract.definition:
        yield promise(property="frequency", value=1, unit=definition.cadence)
    if data := contract.data:
        yield promise(
            property="latency", value=data.grace_hours, unit="h", description=data.refresh
        )
        yield promise(
            property="coverage",
            value=data.coverage.above,
            description="Of the conversations expected, the share that must be exceeded.",
        )
    yield promise(property="timeToNotify", value=contract.escalation.hours, unit="h")
    if gone := contract.retired:
        yield promise(property="endOfLife", value=gone.since.isoformat(), description=gone.reason)


def _as_written(contract: Contract, reasons: Sequence[str]) -> Iterator[CustomProperty]:
    """Every clause as it was written: what the standard says above, it says in its own words."""
    beside = {"version", "title"}
    promise: dict[str, Any] = contract.promise
    for name, clause in promise.items():
        if name not in beside:
            yield CustomProperty(property=name, value=clause)
    if reasons:
        yield CustomProperty(property="status_reasons", value=[*reasons])
