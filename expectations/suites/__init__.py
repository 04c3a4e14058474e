"""The suites in use: one small module per clause, one constructor per suite."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from contracts.contract import Contract
from expectations.suite import Suite
from expectations.suites import driver_shares, export_identity, keys
from expectations.suites.contradictions import contradictions
from expectations.suites.coverage import coverage
from expectations.suites.drift import announced_drift, drift
from expectations.suites.driver_stack import driver_stack
from expectations.suites.evidence import evidence
from expectations.suites.freshness import freshness
from expectations.suites.history import history
from expectations.suites.metric_coverage import metric_coverage
from expectations.suites.metric_tags import metric_tags
from expectations.suites.renamed_tags import renamed_tags
from expectations.suites.signals import signal_answers
from expectations.suites.source_fields import source_fields
from expectations.suites.stated_counts import stated_counts
from expectations.suites.strength import strength
from expectations.suites.tag_texts import tag_texts
from expectations.suites.validation import validation
from expectations.suites.witnesses import witnesses

__all__ = [
    "announced_drift",
    "clauses",
    "contradictions",
    "coverage",
    "driver_stack",
    "renamed_tags",
    "stated_counts",
    "structural",
    "tag_texts",
    "witnesses",
]


def structural(signals: Sequence[str]) -> list[Suite]:
    """
    The suites without which nothing is published, whatever the metrics promise.

    `signals` are the names of those that every conversation in scope is asked.
    """
    return [
        export_identity.export_identity(),
        keys.conversation_key(),
        keys.message_key(),
        keys.tag_key(),
        driver_shares.driver_shares(),
        driver_shares.driver_totals(),
        signal_answers(signals),
    ]


def clauses(contracts: Sequence[Contract], now: datetime | None = None) -> list[Suite]:
    """
    The suites that hold every metric to its contract, one for each clause; `now` is when freshness is asked, where
    it is not when they are run.
    """
    made = (
        metric_coverage,
        source_fields,
        drift,
        metric_tags,
        history,
        validation,
        evidence,
        partial(freshness, now=now),
        strength,
    )
    suites = [make(contracts) for make in made] if contracts else []
    # a clause that no contract has is not judged
    return [suite for suite in suites if suite.held]
