"""Custom signals as people declare them: a question, its values, who answers it and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contracts.errors import ContractError, did_you_mean, sentences
from signals.patterns import problems
from signals.taken_names import columns_of_wide_tables, words_of_sql

CORE = ("sentiment", "churn_risk", "customer_effort", "outcome", "summary")
"""Signals every conversation has; a custom one cannot take their name."""

SPOKEN_BY_RULES = ("en", "de", "es")
"""Languages the SQL of rules is compiled for."""


class _Strict(BaseModel):
    # dbt accepts any key under `meta`, so a misspelt one would be a rule nobody tries.
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rule(_Strict):
    """
    One rule: the value given where one of `any` matches, one of `also` (if any are named), and none of `unless`.

    Without `any` it speaks wherever the signal named by `within` found a cue.
    """

    value: str
    any: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    confidence: float = Field(default=0.8, ge=0, le=1)


class Signal(_Strict):
    """
    One declared signal. Without `values` an LLM is asked for a sentence or two.

    `otherwise` is the value of a text no rule speaks for. `hints` are plain words in lower case, one of
    which a text must hold to be read at all; `ignore` is struck out before rules are tried.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    question: str
    values: tuple[str, ...] = ()
    answered_by: Literal["rules", "llm", "python"]
    languages: tuple[str, ...] = ("en",)
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$")
    owner: str
    description: str = ""
    instructions: str = ""
    callable: str = ""
    otherwise: str | None = None
    within: str | None = None
    hints: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


def read_signals(manifest: Mapping[str, Any]) -> tuple[Signal, ...]:
    """
    Every declared signal of dbt's manifest, ordered by name.

    Raises ContractError with all problems of all files.
    """
    found: dict[str, Signal] = {}
    said: dict[str, list[str]] = {}
    for node in manifest.get("nodes", {}).values():
        declared = (node.get("config", {}).get("meta") or {}).get("signals")
        if node.get("resource_type") != "model" or declared is None:
            continue
        file = (node.get("patch_path") or node["original_file_path"]).split("://")[-1]
        for signal, problem in _read_all(node["name"], declared):
            if signal and signal.name in found:
                problem = [
                    f"signal {signal.name} is declared twice: give one of them another name."
                ]
            elif signal:
                found[signal.name] = signal
            if problem:
                said.setdefault(file, []).extend(problem)
    if said:
        raise ContractError(said)
    return tuple(sorted(found.values(), key=lambda one: one.name))


def signal_names(manifest: Mapping[str, Any]) -> list[str]:
    """Every signal a conversation is asked: the core ones, then those declared, by name.

    As they stand: what is wrong with one is told when a run reads them, not where the graph is put together.
    """
    declared = {
        str(signal["name"])
        for node in manifest.get("nodes", {}).values()
        if node.get("resource_type") == "model"
        for signal in (node.get("config", {}).get("meta") or {}).get("signals") or []
        if isinstance(signal, Mapping) and "name" in signal
    }
    return [*CORE, *sorted(declared - {*CORE})]


def _read_all(model: str, declared: Any) -> Iterator[tuple[Signal | None, list[str]]]:
    key = f"{model}.config.meta.signals"
    if not isinstance(declared, list):
        yield None, [f"{key} is {declared}: write a list of signals."]
        return
    for number, one in enumerate(declared):
        if not isinstance(one, Mapping):
            yield (
                None,
                [f"{key}.{number} is {one}: write a mapping with name, question and values."],
            )
            continue
        where = f"signal {one.get('name', number)}"
        try:
            signal = Signal(**one)
        except ValidationError as error:
            yield None, sentences(error, where, {*Signal.model_fields, *Rule.model_fields})
            continue
        yield signal, list(_problems(signal, where))


def _problems(signal: Signal, where: str) -> Iterator[str]:
    # an LLM may write the summary that is cut from the text where none is asked
    is_text = signal.answered_by == "llm" and not signal.values
    if signal.name in CORE and not (is_text and signal.name == "summary"):
        yield f"{where} has the name of a core signal: give it another."
    elif signal.name not in CORE and signal.name in columns_of_wide_tables():
        yield (
            f"{where} has the name of a column of fct_conversations or fct_measured: give it another,"
            f" as in {signal.name}_told."
        )
    if signal.name in words_of_sql():
        yield f"{where} has a name that is a word of SQL: give it another, as in {signal.name}_told."
    if len(signal.values) < 2 and not is_text:
        yield f"{where}.values names {len(signal.values)} of at least two values."
    for value in {value for value in signal.values if signal.values.count(value) > 1}:
        yield f"{where}.values names {value} twice."
    if signal.answered_by == "rules":
        yield from _rule_problems(signal, where)
        return
    if signal.rules or signal.hints or signal.ignore or signal.otherwise or signal.within:
        yield (
            f"{where} is answered by {signal.answered_by}:"
            " rules, hints, ignore, otherwise and within are of rules."
        )
    if signal.answered_by == "llm" and not signal.instructions.strip():
        yield f"{where}.instructions is missing: say how to tell the values apart."
    if signal.answered_by == "python" and not signal.callable:
        yield f"{where}.callable is missing: name it as module:function."


def _rule_problems(signal: Signal, where: str) -> Iterator[str]:
    if signal.instructions:
        yield f"{where}.instructions is of llm: rules do not read it."
    if signal.otherwise is None:
        yield f"{where}.otherwise is missing: name the value of a text no rule speaks for."
    given = {rule.value for rule in signal.rules}
    given |= {signal.otherwise} if signal.otherwise else set()
    for value in signal.values:
        if value not in given:
            yield f"{where}.values holds {value}, which no rule can give: write a rule for it, or leave it out."
    for value in sorted(given - set(signal.values)):
        yield f"{where} gives {value}, which is not among its values.{did_you_mean(value, signal.values)}"
    for language in signal.languages:
        if language not in SPOKEN_BY_RULES:
            yield f"{where}.languages holds {language}: rules are compiled for {', '.join(SPOKEN_BY_RULES)}."
    if signal.within is not None and signal.within != "churn_risk":
        yield f"{where}.within is {signal.within}: it can only be churn_risk."
    for hint in signal.hints:
        if hint != hint.lower() or any(sign in hint for sign in r"\()[]{}|*+?.^$"):
            yield f"{where}.hints holds {hint}: write plain words in lower case."
    yield from _pattern_problems(signal, where)


def _pattern_problems(signal: Signal, where: str) -> Iterator[str]:
    seen: dict[str, str] = {}
    for place, pattern in _patterns(signal, where):
        for said in problems(pattern):
            yield f"{place} {said}"
        # what a rule excepts may be excepted by another too; what it looks for gives one value only
        if place.split(".")[-2] == "any" and pattern in seen:
            yield f"{place} is {seen[pattern]} once more: the first that matches decides, so leave one out."
        seen.setdefault(pattern, place)
    for number, rule in enumerate(signal.rules):
        if not rule.any and signal.within is None:
            yield f"{where}.rules.{number}.any is missing: a rule without it needs within."


def _patterns(signal: Signal, where: str) -> Iterator[tuple[str, str]]:
    for number, pattern in enumerate(signal.ignore):
        yield f"{where}.ignore.{number}", pattern
    for number, rule in enumerate(signal.rules):
        for kind in ("any", "also", "unless"):
            for place, pattern in enumerate(getattr(rule, kind)):
                yield f"{where}.rules.{number}.{kind}.{place}", pattern
