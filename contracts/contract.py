"""A metric contract, typed: the five D's, who owns the metric, and what happens when it goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from contracts.clause import Clause, Count, Name, Number, Share, at_least, said
from contracts.data import Data
from contracts.drift_controls import DriftControls

FIVE = ("definition", "data", "decision_use", "drift_controls", "drill_down")
"""The five D's. One missing keeps a metric provisional at best, two keep it a draft."""

DIMENSIONS = ("driver", "canonical_tag", "channel", "segment", "language", "complexity")
"""What every unit is cut by, beside `all`; dbt's own list is in macros/metrics_in_use.sql."""

NUMBER = "number"
"""The only output of a metric whose value is a measure or a count: its units have no states."""

VERSION = r"^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$"


Cadence = Literal["hour", "day", "week", "month", "quarter"]
Value = Literal["share", "mean", "count", "median", "p90"]


class Definition(Clause):
    """What is counted, in words: with the name, the seven lines; then how the value is read."""

    question: str = said(
        "the business question", "Do new customers have to work hard to get going?"
    )
    included: str = said("what is counted", "Conversations in scope with a known effort.")
    excluded: str = said("what is left out", "Conversations whose effort is unknown.")
    window: str = said("which moment puts a unit into a period", "The week it was opened in.")
    outputs: tuple[str, ...] = said(
        "the states a unit may have, or number", ["high", "medium", "low"], [NUMBER], min_length=1
    )
    cadence: Cadence = said("how often it is reported", "week")
    value: Value = said("how units become one number", "share")
    unit: str = said("what one of the value is", "share of conversations")
    direction: Literal["up", "down"] = said("which way is better", "down")
    indicator: Literal["leading", "lagging"] = said(
        "whether it moves before results or after", "leading"
    )

    @model_validator(mode="after")
    def _has_states_or_a_number(self) -> Definition:
        if NUMBER in self.outputs and len(self.outputs) > 1:
            raise ValueError(f"has outputs {', '.join(self.outputs)}: write states or [{NUMBER}].")
        return self


class DecisionUse(Clause):
    """What the metric may influence and what not."""

    role: Literal["diagnostic", "leading", "triage", "board"] = said("what it is for", "leading")
    allowed: tuple[str, ...] = said("purposes it may serve", ["weekly_ops", "triage"], min_length=1)
    forbidden: tuple[str, ...] = said("purposes it may not serve", ["board"])
    guardrail: str | None = said("another metric to be read beside it", "csat", default=None)

    @model_validator(mode="after")
    def _forbids_nothing_it_allows(self) -> DecisionUse:
        if both := sorted({*self.allowed} & {*self.forbidden}):
            raise ValueError(f"both allows and forbids {', '.join(both)}: write each in one list.")
        return self


class LabelledSample(Clause):
    """A metric that rests on a signal is as good as people agree with that signal's answers."""

    signal: str = said("the signal", "customer_effort")
    value: str = said("its value that is counted", "high")
    labels: Annotated[Count, at_least(50, "fewer labels tell little")] = said("labels needed", 50)
    precision: Annotated[Share, at_least(0.5, "a coin does as well")] | None = said(
        "the floor of precision", 0.9, default=None
    )
    kappa: Annotated[Share, at_least(0.4, "less is no moderate agreement")] | None = said(
        "the floor of agreement", 0.4, default=None
    )

    @model_validator(mode="after")
    def _has_a_floor(self) -> LabelledSample:
        if self.precision is None and self.kappa is None:
            raise ValueError("has no floor: write precision or kappa, as in kappa: 0.4.")
        return self


class ConfirmedSample(Clause):
    """A metric that rests on no labels: a person confirms inclusion and value of so many units."""

    sample: Annotated[Count, at_least(30, "fewer units tell little")] = said(
        "units a person looks at", 30
    )
    confirmed: Annotated[Share, at_least(0.8, "a metric wrong more often is not fine")] = said(
        "the share of them that must be right", 0.9
    )


def _form(written: Any) -> str:
    if isinstance(written, Mapping):
        return "sample" if "sample" in written and "signal" not in written else "signal"
    return "sample" if isinstance(written, ConfirmedSample) else "signal"


Validation = Annotated[
    Annotated[LabelledSample, Tag("signal")] | Annotated[ConfirmedSample, Tag("sample")],
    Discriminator(_form),
]


class DrillDown(Clause):
    """The evidence under a number."""

    quotes: Annotated[Count, Field(ge=1)] = said("quotes shown of a period", 3)
    validation: Validation = said("the sample people look at", {"sample": 30, "confirmed": 0.9})


class Strength(Clause):
    """What the checks of the contract must be proven to notice before it is launched."""

    noticed: Annotated[Share, Field(gt=0)] = said(
        "the share of planted harms that its own checks must notice", 0.9
    )
    planted: Annotated[Count, Field(ge=1)] = said(
        "harms that must have been planted for the share to say anything", 10, default=10
    )


class Escalation(Clause):
    """From when on somebody must act, and within how many hours."""

    threshold: Number = said("the value from which it counts as wrong", 0.35)
    direction: Literal["above", "below"] = said("on which side of it", "above")
    periods: Annotated[Count, Field(ge=1)] = said("periods in a row", 2)
    hours: Annotated[Number, Field(gt=0)] = said("hours until somebody has it", 24)


class Retired(Clause):
    """Since when the metric is not reported any more, and why."""

    # not `on`, which YAML reads as true
    since: date = said("the first day without it", "2026-01-31")
    reason: str = said("why", "Nobody decided by it.")
    replaced_by: str | None = said("the metric that took its place", "csat", default=None)


class Waiver(Clause):
    """A lint that somebody answers for, until a day."""

    lint: Name = said("the lint's name", "no_guardrail")
    reason: str = said("why it does not apply", "Its guardrail starts in spring.", min_length=1)
    until: date = said("the last day", "2027-03-31")


class Promise(Clause):
    """What is written under `config.meta.metric_contract` of a metric's model."""

    version: str = said("three numbers", "1.0.0", pattern=VERSION)
    title: str = said("the name as people read it", "High-effort onboarding share", min_length=1)
    definition: Definition | None = said("what is counted", default=None)
    data: Data | None = said("where records come from", default=None)
    decision_use: DecisionUse | None = said("what it may influence", default=None)
    drift_controls: DriftControls | None = said("what may change under it", default=None)
    drill_down: DrillDown | None = said("the evidence under it", default=None)
    strength: Strength | None = said("how strong its checks must prove", default=None)
    rollback: str = said("what to do when a version proves wrong", "Publish the version before.")
    escalation: Escalation = said("from when on somebody must act", {"threshold": 0.35})
    actions: tuple[str, ...] = said("what is done then", ["Call the customer."], default=())
    definition_minutes: Annotated[Number, Field(ge=0)] | None = said(
        "minutes its definition took to write", 7, default=None
    )
    manual_tagging: bool = said("whether people tag what it counts", default=False)
    retired: Retired | None = said("since when it is not reported", default=None)
    waivers: tuple[Waiver, ...] = said("lints somebody answers for", default=())

    @property
    def missing(self) -> tuple[str, ...]:
        """The D's nobody has written yet."""
        return tuple(name for name in FIVE if getattr(self, name) is None)


class Owner(Clause):
    """The people behind dbt's group."""

    name: str
    email: str | None


class Contract(Promise):
    """
    A promise with what dbt knows of its metric.

    `columns` are the model's, with their types; `file` is its YAML, in the dbt project.
    """

    metric: str
    description: str
    group: str
    owner: Owner
    file: str
    columns: Mapping[str, str]

    @property
    def promise(self) -> dict[str, Any]:
        """What was written, without what dbt knows: as JSON would hold it."""
        return self.model_dump(mode="json", exclude=BESIDE, exclude_none=True)


BESIDE = set(Contract.model_fields) - set(Promise.model_fields)
"""What a contract has from dbt, and nobody may write into it."""
