"""Every conversation in scope is answered once by every signal, with a value or the reason for none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.suite import Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation


def signal_answers(signals: Sequence[str]) -> Suite:
    """Each of `signals` answers each conversation in scope once, and nothing else answers."""
    return Suite(
        name="signal_answers",
        clause="one row per conversation in scope and signal, a value or the reason for none",
        severity="blocking",
        relation="marts.fct_signals",
        measurement=_measurement(signals),
        keys=("signal", "in_scope", "answered", "unexplained"),
        expectations=_expectations,
        may_be_empty=True,
        when_silent="No conversation is in scope, so no signal is asked.",
        remedy=(
            "The model that answers the named signal, or fct_signals, drops or multiplies "
            "conversations, or gives neither a value nor a reason: compare marts.fct_signals with "
            "marts.fct_conversations where is_in_scope."
        ),
    )


def _measurement(signals: Sequence[str]) -> str:
    # Counts and a sum of hashes are the same for the same set of conversations and for no other: twelve
    # million rows are compared in one pass, without a join or a set of keys.
    return f"""\
select
    coalesce(declared.signal, answers.signal) as signal,
    case when declared.signal is null then 0 else in_scope.conversations end as in_scope,
    coalesce(answers.conversations, 0) as answered,
    coalesce(answers.digest = in_scope.digest, false) as is_each_once,
    coalesce(answers.unexplained, 0) as unexplained

from (select unnest([{", ".join(f"'{signal}'" for signal in signals)}]) as signal) as declared
full outer join (
    select
        signal,
        count(*) as conversations,
        sum(hash(conversation_id)) as digest,
        count(*) filter (where (value is null) = (abstain_reason is null)) as unexplained
    from marts.fct_signals
    group by all
) as answers
    on declared.signal = answers.signal
cross join (
    select
        count(*) as conversations,
        sum(hash(conversation_id)) as digest
    from marts.fct_conversations
    where is_in_scope
) as in_scope
where in_scope.conversations > 0 or answers.conversations > 0
order by signal
"""


def _expectations() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnPairValuesToBeEqual(
            column_A="in_scope",
            column_B="answered",
            description="a signal has as many rows as conversations are in scope",
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_each_once",
            value_set=[True],
            description="a signal answers each conversation in scope once, and no other",
        ),
        gxe.ExpectColumnValuesToBeBetween(
            column="unexplained",
            min_value=0,
            max_value=0,
            description="an answer is a value or the reason for none, never both or neither",
        ),
    ]
