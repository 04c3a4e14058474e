"""One row per conversation, per message and per tag: the grain that every count stands on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expectations.suite import Suite, there_are_rows

if TYPE_CHECKING:
    from great_expectations.expectations.expectation import Expectation

CONVERSATIONS = """\
select
    conversation_id,
    driver,
    is_in_scope,
    is_in_scope = (exclusion_reason is null) as is_explained

from marts.fct_conversations
"""


def conversation_key() -> Suite:
    """A conversation is one row with one driver; it is out of scope for a stated reason only."""
    return Suite(
        name="conversation_key",
        clause="one row and one driver per conversation",
        severity="blocking",
        relation="marts.fct_conversations",
        measurement=CONVERSATIONS,
        keys=("conversation_id",),
        expectations=_conversation,
        when_silent="marts.fct_conversations is empty, so no conversation could be judged.",
        remedy=(
            "Look up the named conversation with `assay raw CONVERSATION`; the model that "
            "deduplicates, classifies or excludes it is at fault."
        ),
    )


def message_key() -> Suite:
    """A message is one row: conversation and message number name it."""
    return _compound_key(
        name="message_key",
        clause="one row per conversation and message number",
        relation="marts.fct_messages",
        keys=("conversation_id", "message_no"),
    )


def tag_key() -> Suite:
    """A raw tag is counted once in a conversation, however often it was set."""
    return _compound_key(
        name="tag_key",
        clause="one row per conversation and raw tag",
        relation="marts.fct_conversation_tags",
        keys=("conversation_id", "raw_tag"),
    )


def _conversation() -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        gxe.ExpectColumnValuesToNotBeNull(
            column="conversation_id", description="every conversation has an id"
        ),
        gxe.ExpectColumnValuesToBeUnique(
            column="conversation_id", description="a conversation is one row"
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="driver", description="every conversation has a driver"
        ),
        gxe.ExpectColumnValuesToNotBeNull(
            column="is_in_scope", description="every conversation is in scope or out of it"
        ),
        gxe.ExpectColumnValuesToBeInSet(
            column="is_explained",
            value_set=[True],
            description="an exclusion reason is given exactly where a conversation is excluded",
        ),
    ]


def _compound_key(name: str, clause: str, relation: str, keys: tuple[str, ...]) -> Suite:
    return Suite(
        name=name,
        clause=clause,
        severity="blocking",
        relation=relation,
        measurement=f"select {', '.join(keys)} from {relation}",
        keys=keys,
        expectations=lambda: _unique(keys),
        # a source without tags, or of subjects alone, is a legitimate build
        may_be_empty=True,
        when_silent=f"{relation} is empty, so there is no key to judge.",
        remedy=f"The model that builds {relation} must deduplicate on {' and '.join(keys)}.",
    )


def _unique(keys: tuple[str, ...]) -> list[Expectation]:
    from great_expectations import expectations as gxe

    return [
        there_are_rows(),
        *(
            gxe.ExpectColumnValuesToNotBeNull(column=key, description=f"every row has a {key}")
            for key in keys
        ),
        gxe.ExpectCompoundColumnsToBeUnique(
            column_list=list(keys), description=f"{' and '.join(keys)} name one row"
        ),
    ]
