"""Sentiment: what it says of plain texts, that its cue is the customer's, and that it can be fitted to labels."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from contracts.errors import ContractError
from signals.fit import Labelled, fit, predict
from signals.sentiment_pack import SEEDS, Measuring, SentimentPack, header, pack_lines, read_pack

ROOT = Path(__file__).parents[2]
MACROS = ROOT / "dbt_project" / "macros"
PACK_FOLDER = ROOT / "dbt_project" / "seeds" / "signals"


@pytest.fixture(scope="module")
def pack() -> SentimentPack:
    return read_pack(PACK_FOLDER, "1.0.0")


@pytest.fixture(scope="module")
def models(built) -> dict[str, str]:
    """The models as dbt compiled them, in their order, reading from whatever schema `said` holds."""
    compiled = built.data / "dbt" / "compiled" / "assay" / "models" / "signals"
    return {
        name: re.sub(
            r'"work"\."signals"\."(\w+)"', r"said.\1", (compiled / f"{name}.sql").read_text("utf-8")
        )
        for name in ("weighed_messages", "sentiment")
    }


def judged(
    models: dict[str, str], messages: list[tuple], languages: dict[str, str], threads: int = 2
) -> dict[str, dict]:
    """Conversation -> its row, for messages (conversation, number, words)."""
    with duckdb.connect(config={"threads": threads}) as connection:
        connection.execute("create schema said")
        for name in SEEDS:
            connection.execute(
                f"create table said.{name} as from read_csv('{PACK_FOLDER / name}.csv', header = true,"
                " nullstr = 'no null', types = {'version': 'varchar'})"
            )
        connection.execute(
            "create table said.languages_detected (conversation_id varchar, language varchar)"
        )
        connection.executemany(
            "insert into said.languages_detected values (?, ?)", list(languages.items())
        )
        connection.execute(
            "create table said.own_words"
            " (conversation_id varchar, message_no bigint, language varchar, words varchar)"
        )
        connection.executemany(
            "insert into said.own_words values (?, ?, ?, ?)",
            [(key, number, languages[key], words) for key, number, words in messages],
        )
        for name, model in models.items():
            connection.execute(f"create table said.{name} as {model}")
        answered = connection.execute("from said.sentiment")
        columns = [each[0] for each in answered.description]
        rows = [dict(zip(columns, row, strict=True)) for row in answered.fetchall()]
        assert len(rows) == len({row["conversation_id"] for row in rows})
        return {row["conversation_id"]: row for row in rows}


PLAIN = [
    ("en", "Been on hold for two hours and nobody answers. Worst service ever!", "negative"),
    ("en", "You lost my bag and nobody returns my calls", "negative"),
    ("en", "my flight was cancelled again, this is unacceptable", "negative"),
    ("en", "It does not work, still waiting for a reply", "negative"),
    ("en", "I am not happy with the product", "negative"),
    ("en", "Thanks for nothing", "negative"),
    ("en", "No problems so far, can't wait to come back", "positive"),
    ("en", "Thank you so much, great service!", "positive"),
    ("en", "You guys are awesome, fixed in five minutes 😍", "positive"),
    ("en", "Thanks for the quick help, it works perfectly now", "positive"),
    ("en", "How do I change the address on my account?", "neutral"),
    ("en", "Can you tell me when the store opens on Monday?", "neutral"),
    ("en", "Please send me a copy of the form. Thanks in advance", "neutral"),
    ("de", "Seit Wochen keine Antwort, das ist eine Frechheit", "negative"),
    ("de", "Vielen Dank für die schnelle Hilfe, super Service", "positive"),
    ("de", "Wie kann ich meine Adresse ändern?", "neutral"),
    ("es", "Llevo semanas esperando y nadie me responde, pésimo servicio", "negative"),
    ("es", "Muchas gracias, excelente atención", "positive"),
    ("es", "¿Cómo puedo cambiar mi dirección?", "neutral"),
]


@pytest.mark.parametrize(("language", "text", "value"), PLAIN)
def test_a_plain_text_is_read_as_a_person_would(pack, language, text, value):
    assert predict(pack, MACROS, [text], language) == [value]


def test_the_model_says_what_the_fit_measures(models, pack):
    """
    A fit is judged by `predict`; the number would mean nothing if the model added up differently.
    """
    texts = {f"c{number}": text for number, (_, text, _) in enumerate(PLAIN)}
    languages = {f"c{number}": language for number, (language, _, _) in enumerate(PLAIN)}
    said = judged(models, [(key, 1, text) for key, text in texts.items()], languages)
    assert [said[key]["value"] for key in texts] == [
        predict(pack, MACROS, [texts[key]], languages[key])[0] for key in texts
    ]


def test_a_cue_is_cut_from_the_message_that_holds_it_as_it_was_written(models):
    messages = [
        ("a", 1, "Hello, a question about my order."),
        ("a", 4, "STILL\nWAITING... this is a TERRIBLE experience"),
        ("b", 2, "😍😍 Absolutely Love it!"),
        ("c", 1, "I don’t trust you"),
    ]
    said = judged(models, messages, {"a": "en", "b": "en", "c": "en"})
    bodies = {(key, number): words for key, number, words in messages}
    for row in said.values():
        assert row["cue"] in bodies[row["conversation_id"], row["message_no"]]
    assert (said["a"]["message_no"], said["a"]["cue"]) == (4, "TERRIBLE")
    assert said["b"]["value"] == "positive"


def test_it_abstains_only_without_words_or_in_a_language_it_does_not_speak(models):
    said = judged(
        models,
        [("fr", 1, "Où est ma commande ?"), ("odd", 1, "12345")],
        {"fr": "fr", "odd": "en", "no": "en"},
    )
    assert {key: (row["value"], row["abstain_reason"]) for key, row in said.items()} == {
        "fr": (None, "language not spoken"),
        "no": (None, "no customer words"),
        "odd": ("neutral", None),
    }
    assert said["fr"]["confidence"] is None
    assert said["odd"]["cue"] is None


def test_threads_and_the_order_of_rows_change_nothing(models):
    texts = [f"{text} {number}" for number in range(60) for _, text, _ in PLAIN[:13]]
    messages = [(f"c{number // 2}", number % 2, text) for number, text in enumerate(texts)]
    languages = {key: "en" for key, _, _ in messages}
    once = judged(models, messages, languages, threads=1)
    assert judged(models, messages[::-1], languages, threads=4) == once


def test_every_conversation_in_scope_has_a_value_or_a_reason(built):
    with duckdb.connect(str(built.data / "work.duckdb"), read_only=True) as connection:
        rows = connection.execute(
            "select count(*), count(*) filter (where (value is null) = (abstain_reason is null)),"
            " count(*) filter (where value is not null and (confidence is null or confidence not between 0 and 1))"
            " from signals.sentiment"
        ).fetchall()
    in_scope = built.value("select count(*) from marts.fct_conversations where is_in_scope")
    assert rows == [(in_scope, 0, 0)]


def test_every_term_of_the_pack_can_be_found_and_weighs_something(pack):
    """
    A term that is not in the shape texts are brought into is never found, and nobody would notice.
    """
    keys = Counter((row.language, row.term) for row in pack.weights)
    assert [key for key, count in keys.items() if count > 1] == []
    assert all(-5 <= each <= 5 for row in pack.weights for each in (row.weight, row.pull))
    for language in ("en", "de", "es"):
        terms = [row.term for row in pack.weights if row.language == language]
        measuring = Measuring(MACROS, terms, [language] * len(terms))
        words = Counter(number for number, _, word in measuring.words() if word)
        wrong = [
            terms[number]
            for number in range(len(terms))
            if words[number] != len(set(terms[number].split()))
        ]
        assert wrong == []
    english = [row.term for row in pack.weights if row.language == "en"]
    assert sum(" " not in term for term in english) >= 2500
    assert sum(" " in term for term in english) >= 1500


LABELLED = [
    Labelled(text, value)
    for number in range(12)
    for text, value in (
        (f"the gadget went flumpy on day {number}", "negative"),
        (f"it is glorpish, number {number}, and my team says so", "positive"),
        (f"which gadget has the number {number}", "neutral"),
    )
]


def test_a_fit_learns_words_of_ones_own_and_keeps_what_was_known(pack):
    found = fit(LABELLED, pack, "1.0.1", MACROS)
    fitted = found.pack
    said = predict(
        fitted, MACROS, ["flumpy again", "glorpish indeed", *(text for _, text, _ in PLAIN[:13])]
    )
    assert said == ["negative", "positive", *(value for _, _, value in PLAIN[:13])]
    assert fitted.version == "1.0.1"
    assert fit(LABELLED, pack, "1.0.1", MACROS) == found


def test_a_fit_says_which_labels_it_cannot_use(pack):
    with pytest.raises(
        ContractError, match="text 1 is labelled angry: write one of negative, neutral, positive"
    ):
        fit([Labelled("grr", "angry")], pack, "1.0.1", MACROS)
    with pytest.raises(ContractError, match="no text is labelled neutral"):
        fit([Labelled("bad", "negative")], pack, "1.0.1", MACROS)


def test_a_pack_is_written_in_the_lines_it_is_read_from(pack, tmp_path):
    for name, lines in pack_lines(pack).items():
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerows([header(Path(name).stem), *lines])
        assert (tmp_path / name).read_text(encoding="utf-8") == (PACK_FOLDER / name).read_text(
            encoding="utf-8"
        )
    assert read_pack(tmp_path, "1.0.0") == pack


def test_a_line_of_a_pack_that_cannot_be_read_is_named(tmp_path):
    for name in SEEDS:
        (tmp_path / f"{name}.csv").write_text(
            (PACK_FOLDER / f"{name}.csv").read_text(encoding="utf-8")
        )
    (tmp_path / "sentiment_weights.csv").write_text(
        "version,language,term,weight,pull,negates\n1.0.0,en,bad,minus four,0,false\n"
    )
    with pytest.raises(
        ContractError, match=r"sentiment_weights\.csv:\n  line 2 cannot be read.*minus four"
    ):
        read_pack(tmp_path, "1.0.0")


def test_messages_weighed_in_parts_weigh_what_they_weigh_at_once(built, copy_of):
    """What bounds the memory must not change a number."""
    data = copy_of(built).data

    def weighed() -> list[tuple]:
        with duckdb.connect(str(data / "work.duckdb"), read_only=True) as work:
            return work.execute("from signals.weighed_messages order by all").fetchall()

    at_once = weighed()
    project = str(ROOT / "dbt_project")
    dbt = [
        str(Path(sys.executable).with_name("dbt")),
        "--quiet",
        "run",
        "--select",
        "weighed_messages",
    ]
    where = [
        "--project-dir",
        project,
        "--profiles-dir",
        project,
        "--target-path",
        str(data / "dbt"),
    ]
    subprocess.run(
        [*dbt, *where, "--vars", "{rows_of_a_part: 100}"],
        env={**os.environ, "ASSAY_DATA": str(data), "DO_NOT_TRACK": "1"},
        check=True,
    )
    assert len(at_once) > 300
    assert weighed() == at_once
