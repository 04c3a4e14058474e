"""What the build answers: every conversation once per signal, and every cue in the words of its message."""

from __future__ import annotations

import duckdb
import pytest

MODELS = ("churn_risk", "customer_effort", "outcome", "summaries", "custom_signals")


@pytest.fixture(scope="module")
def build(built):
    with duckdb.connect() as connection:
        connection.execute(f"attach '{built.data / 'work.duckdb'}' as work (read_only)")
        connection.execute(f"attach '{built.data / 'candidate.duckdb'}' as candidate (read_only)")
        yield connection


@pytest.mark.parametrize("model", MODELS)
def test_every_conversation_in_scope_has_a_value_or_a_reason(build, model):
    signals = "signal" if model == "custom_signals" else "null"
    ((expected, rows, conversations, silent),) = build.execute(
        f"""
        select
            (select count(*) from work.core.conversations where is_in_scope),
            count(*) / count(distinct coalesce({signals}, '')),
            count(distinct conversation_id),
            count(*) filter (
                where (value is null) = (abstain_reason is null) or (value is null) <> (confidence is null)
            )
        from work.signals.{model}
        """
    ).fetchall()
    assert (rows, conversations, silent) == (expected, expected, 0)


@pytest.mark.parametrize("model", MODELS)
def test_every_cue_stands_in_its_message_letter_by_letter(build, model):
    ((cues, found),) = build.execute(
        f"""
        select count(*), count(*) filter (where contains(messages.body, answers.cue))
        from work.signals.{model} as answers
        left join candidate.marts.fct_messages as messages
            on answers.conversation_id = messages.conversation_id and answers.message_no = messages.message_no
        where answers.cue is not null
        """
    ).fetchall()
    assert cues > 0
    assert found == cues


def test_a_value_that_rests_on_words_shows_them(build):
    ((shown,),) = build.execute(
        "select count(*) from work.signals.churn_risk where value in ('mention', 'intent') and cue is null"
    ).fetchall()
    assert shown == 0


def test_only_customers_are_read(build):
    roles = build.execute("select distinct author_role from work.signals.own_words").fetchall()
    assert roles == [("customer",)]


@pytest.mark.parametrize("language", ["en", "de", "es"])
def test_a_language_nobody_stated_is_told_from_the_words(build, language):
    """
    The exports state it; told from the stop words of the same texts it is the same.
    """
    ((said, told),) = build.execute(
        """
        with tokens as (
            select languages.conversation_id, unnest(regexp_split_to_array(lower(words), '[^\\p{L}'']+')) as token
            from work.signals.languages_detected as languages
            inner join work.signals.own_words using (conversation_id)
            where languages.stated_language = ? and message_no = 1 and length(words) > 100
        ),
        points as (
            select conversation_id, language, count(*) as points
            from tokens
            inner join work.signals.stop_words on token = word
            group by all
        ),
        told as (select conversation_id, arg_max(language, points) as language from points group by all)
        select count(*), count(*) filter (where language = ?) from told
        """,
        [language, language],
    ).fetchall()
    assert said > 20
    assert told / said > 0.97
