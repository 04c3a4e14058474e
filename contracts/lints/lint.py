"""What a lint is: a rule for hostile readings, what it may know beside the contracts, and what it finds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from contracts.contract import Contract

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Facts:
    """
    What the marts say of metrics, by metric. What is not known is absent, and its lints say nothing.

    `monthly_conversations` in the fullest month; `states` found in its units; `members` found of
    each dimension, unknown ones left out.
    """

    monthly_conversations: Mapping[str, int] = field(default_factory=dict)
    states: Mapping[str, frozenset[str]] = field(default_factory=dict)
    members: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """One thing a hostile reader would say of a metric."""

    lint: str
    severity: Severity
    metric: str
    file: str
    sentence: str


@dataclass(frozen=True)
class Objection:
    """What a lint has against one contract, or several read together: the first is the one to edit."""

    contracts: Sequence[Contract]
    detail: str


class Lint:
    """A rule. Its docstring is its message, after the detail that says where and what to write."""

    severity: ClassVar[Severity] = "warning"

    def objections(
        self, contracts: Sequence[Contract], today: date, facts: Facts
    ) -> Iterator[Objection]:
        """What the rule has against these contracts; by default against each of them alone."""
        for contract in contracts:
            for detail in self.details(contract, facts):
                yield Objection([contract], f"{contract.metric}.metric_contract.{detail}")

    def details(self, contract: Contract, facts: Facts) -> Iterator[str]:
        """What it has against one contract: key, what was written, what to write."""
        return iter(())

    @classmethod
    def name(cls) -> str:
        """The name a waiver calls it by."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    @classmethod
    def message(cls) -> str:
        """The docstring's sentences, on one line."""
        return " ".join((cls.__doc__ or "").split())
