"""A contract on one page, as Markdown and as HTML, with its live standing where that is known."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from contracts.contract import (
    Contract,
    Data,
    DecisionUse,
    Definition,
    DriftControls,
    DrillDown,
    LabelledSample,
    Validation,
)

LINES, COLUMNS = 60, 100
"""One printed page. Whoever must turn a page does not read to the end."""

LINES_OF_STANDING = 6
"""Kept free on every contract's page: its standing comes and goes, the page stays one."""


Entries = Iterator[tuple[str, str]]

MISSING = (("missing", "nobody has written it yet"),)


@dataclass(frozen=True)
class Standing:
    """How a metric stands now, in words made by those who measured it; what is None is not known."""

    status: str
    reasons: Sequence[str] = ()
    coverage: str | None = None
    last_value: str | None = None
    validation: str | None = None
    strength: str | None = None


@dataclass(frozen=True)
class Section:
    """A heading and its lines: a label with what stands behind it."""

    heading: str
    entries: Sequence[tuple[str, str]]


def markdown(contract: Contract, standing: Standing | None = None) -> str:
    """The page as Markdown, cut into lines of 100 columns."""
    lines = [f"# {_one_line(contract.title)}", "", *_wrapped(_subtitle(contract), "")]
    if contract.description:
        lines += ["", *_wrapped(_one_line(contract.description), "")]
    for section in sections(contract, standing):
        lines += ["", f"## {section.heading}"]
        for label, text in section.entries:
            lines += _wrapped(f"- **{label}:** {_one_line(text)}", "  ")
    return "\n".join(lines) + "\n"


def html(contract: Contract, standing: Standing | None = None) -> str:
    """The page as HTML that needs nothing beside it; everything written is escaped."""
    title = escape(_one_line(contract.title))
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{title}</title>",
        f"<style>{_STYLE}</style></head><body><main>",
        f"<h1>{title}</h1>",
        f"<p>{escape(_subtitle(contract))}</p>",
        f"<p>{escape(_one_line(contract.description))}</p>",
    ]
    for section in sections(contract, standing):
        parts += [f"<h2>{escape(section.heading)}</h2>", "<dl>"]
        parts += [
            f"<dt>{escape(label)}</dt><dd>{escape(_one_line(text))}</dd>"
            for label, text in section.entries
        ]
        parts.append("</dl>")
    return "\n".join([*parts, "</main></body></html>"]) + "\n"


def too_long(contract: Contract) -> int:
    """How many lines the page fills with its standing, where that is more than it has; else 0."""
    lines = len(markdown(contract).splitlines()) + LINES_OF_STANDING
    return lines if lines > LINES else 0


def sections(contract: Contract, standing: Standing | None = None) -> Iterator[Section]:
    """What the page says, in order. A D nobody wrote says so."""
    if standing:
        yield Section("Standing", [*_standing(standing)])
    clauses: tuple[tuple[str, Any, Callable[[Any], Entries]], ...] = (
        ("Definition", contract.definition, _definition),
        ("Data", contract.data, _data),
        ("Decision use", contract.decision_use, _use),
        ("Drift controls", contract.drift_controls, _drift),
        ("Drill-down", contract.drill_down, _drill),
    )
    for heading, clause, entries in clauses:
        yield Section(heading, [*entries(clause)] if clause else MISSING)
    yield Section("When it goes wrong", [*_wrong(contract)])


def validated_by(validation: Validation) -> str:
    """What makes a sample good enough, in words."""
    if isinstance(validation, LabelledSample):
        floors = {"precision": validation.precision, "κ": validation.kappa}
        least = " and ".join(
            f"{name} at least {it:g}" for name, it in floors.items() if it is not None
        )
        return f"{validation.labels} labels of {validation.signal} ({validation.value}): {least}"
    return f"{validation.confirmed:.0%} of {validation.sample} units confirmed by a person"


def _subtitle(contract: Contract) -> str:
    owner = contract.owner.name + (f" <{contract.owner.email}>" if contract.owner.email else "")
    told = f"{contract.metric} · version {contract.version} · {owner}"
    if gone := contract.retired:
        told += f" · retired on {gone.since}: {_one_line(gone.reason)}"
        told += f" (see {gone.replaced_by})" if gone.replaced_by else ""
    return told


def _standing(standing: Standing) -> Entries:
    reasons = f": {'; '.join(standing.reasons)}" if standing.reasons else ""
    # the page keeps room for so much: reasons in full are in marts.metric_contracts
    yield (
        "status",
        textwrap.shorten(_one_line(standing.status + reasons), COLUMNS - 15, placeholder=" …"),
    )
    measured = {"last value": standing.last_value, "coverage": standing.coverage}
    if told := ", ".join(f"{name} {it}" for name, it in measured.items() if it is not None):
        yield "measured", textwrap.shorten(_one_line(told), COLUMNS - 15, placeholder=" …")
    for label in ("validation", "strength"):
        if (told := getattr(standing, label)) is not None:
            yield label, textwrap.shorten(_one_line(told), COLUMNS - 15, placeholder=" …")


def _definition(one: Definition) -> Entries:
    yield "question", one.question
    yield "included", one.included
    yield "excluded", one.excluded
    yield "window", one.window
    yield "outputs", ", ".join(one.outputs)
    yield "cadence", one.cadence
    yield "value", f"{one.value}, in {one.unit}; better {one.direction}; {one.indicator}"


def _data(one: Data) -> Entries:
    yield "system", f"{', '.join(one.systems)}: {one.ingestion}"
    yield "refresh", f"{one.refresh} A period is complete {one.grace_hours} hours after its end."
    for table, fields in one.locked_fields.items():
        yield f"locked in {table}", ", ".join(_field(field, kind) for field, kind in fields.items())
    if one.may_be_absent:
        yield "may be absent", ", ".join(one.may_be_absent)
    bounds = one.field_bounds
    yield (
        "locked within",
        f"{bounds.null_share:g} more null, {bounds.other_types:g} of another type, "
        f"{bounds.new_values:g} of new values, a factor of {bounds.scale:g}",
    )
    yield "excluded fields", ", ".join(one.excluded_fields) or "none"
    yield "coverage", f"above {one.coverage.above:g} of expected conversations"


def _field(field: str, kind: str) -> str:
    """A locked field and its type; a structure is locked with its parts, and these fill lines of a page."""
    return f"{field} {re.sub(r'struct[(].*[)]', 'struct', kind)}"


def _use(one: DecisionUse) -> Entries:
    yield "role", one.role + (f", read beside {one.guardrail}" if one.guardrail else "")
    yield "allowed", ", ".join(one.allowed)
    yield "forbidden", ", ".join(one.forbidden) or "none"


AGAINST = {"previous": "periods", "published": "periods before its launch"}
"""What a baseline is made of, by its kind."""


def _drift(one: DriftControls) -> Entries:
    yield "bounds", f"{one.bounds.in_words()}, against {one.baseline} {AGAINST[one.baseline_kind]}"
    yield (
        "new version",
        f"when an edit touches more than {one.new_version_above:g} of its conversations",
    )


def _drill(one: DrillDown) -> Entries:
    yield "quotes", f"{one.quotes} a period"
    yield "validation", validated_by(one.validation)


def _wrong(contract: Contract) -> Entries:
    if contract.strength:
        yield (
            "strength",
            f"its checks notice {contract.strength.noticed:.0%} of {contract.strength.planted} planted harms"
            " or more, or no launch",
        )
    yield "rollback", contract.rollback
    call = contract.escalation
    times = "1 period" if call.periods == 1 else f"{call.periods} periods in a row"
    yield (
        "escalation",
        f"{call.direction} {call.threshold:g} in {times}: somebody has it within {call.hours:g} hours",
    )
    yield (
        "actions",
        "; ".join(action.strip().removesuffix(".") for action in contract.actions) or "none",
    )
    if contract.waivers:
        told = [f"{one.lint} until {one.until}: {one.reason}" for one in contract.waivers]
        yield "waived", "; ".join(told)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, COLUMNS, subsequent_indent=indent, break_long_words=True, break_on_hyphens=False
    )


_STYLE = """
body{font:16px/1.45 system-ui,sans-serif;margin:0;color:#1a1a1a;background:#fff}
main{max-width:46rem;margin:2rem auto;padding:0 1rem}h1{font-size:1.6rem;margin:0}
h2{font-size:1rem;margin:1.1rem 0 .3rem;border-bottom:1px solid #767676}
dl{display:grid;grid-template-columns:11rem 1fr;gap:.15rem 1rem;margin:0}
dt{font-weight:600;overflow-wrap:anywhere}dd{margin:0;overflow-wrap:anywhere}
@media print{body{font-size:10pt}main{margin:0;max-width:none}}
"""
