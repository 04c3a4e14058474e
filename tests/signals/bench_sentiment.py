"""
What sentiment costs, and how right it is on texts beside the checkout: `python -m tests.signals.bench_sentiment`

More labelled texts are named as CSV files with the columns text and sentiment.

CPU seconds of the models, as dbt compiles them, over 100,000 conversations made by repeating real texts, each made
unlike the others: DuckDB would weigh equal texts once.
"""

from __future__ import annotations

import csv
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import duckdb

from signals.fit import predict
from signals.sentiment_pack import VALUES, read_pack

ROOT = Path(__file__).parents[2]
MACROS = ROOT / "dbt_project" / "macros"
PACK_FOLDER = ROOT / "dbt_project" / "seeds" / "signals"
DATA = ROOT.parent / "shared" / "data"
MODELS = ("weighed_messages", "sentiment")
CONVERSATIONS = 100_000
CHARACTERS = 900


def compiled_models() -> dict[str, str]:
    """The models' SQL with their seeds in place, in their order, the schema of every relation `bench`."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "ASSAY_DATA": folder, "DO_NOT_TRACK": "1"}
        dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet"]
        where = [
            "--project-dir",
            str(ROOT / "dbt_project"),
            "--profiles-dir",
            str(ROOT / "dbt_project"),
        ]
        target = ["--target-path", f"{folder}/dbt", "--log-path", f"{folder}/dbt"]
        seeds = "sentiment_weights sentiment_decision sentiment_confidence"
        for command in (
            ["seed", "--select", *seeds.split()],
            ["compile", "--select", *MODELS],
        ):
            subprocess.run(
                [*dbt, *command, *where, *target], env=environment, check=True, capture_output=True
            )
        compiled = Path(folder, "dbt", "compiled", "assay", "models", "signals")
        return {
            name: re.sub(
                r'"work"\."\w+"\."(\w+)"',
                r"bench.\1",
                (compiled / f"{name}.sql").read_text("utf-8"),
            )
            for name in MODELS
        }


def bench_tables(connection: duckdb.DuckDBPyConnection, texts: list[str]) -> None:
    """The relations the model reads."""
    connection.execute("create schema if not exists bench")
    for seed in ("sentiment_weights", "sentiment_decision", "sentiment_confidence"):
        connection.execute(
            f"create or replace table bench.{seed} as from read_csv(?, header = true, all_varchar = false,"
            " nullstr = 'no null', types = {'version': 'varchar'})",
            [str(ROOT / "dbt_project" / "seeds" / "signals" / f"{seed}.csv")],
        )
    connection.execute(
        "create or replace table bench.own_words as"
        " select 'bench:' || no as conversation_id, 1::bigint as message_no, 'customer' as author_role,"
        " 'en' as language, no || ' ' || words || ' ' || md5(no::varchar) as words"
        " from (select unnest(?::varchar[]) as words, unnest(range(len(?::varchar[]))) as no)",
        [texts, texts],
    )
    connection.execute(
        "create or replace table bench.languages_detected as select conversation_id, language from bench.own_words"
    )


def quality(name: str, texts: list[str], right: list[str]) -> None:
    """Macro-F1 over the values that occur, kappa and a line per value, for the pack in the seeds."""
    said = predict(read_pack(PACK_FOLDER, "1.0.0"), MACROS, texts)
    pairs = Counter(zip(right, said, strict=True))
    wanted, given = Counter(right), Counter(said)
    hits = {value: pairs[value, value] for value in VALUES}
    f1 = {
        value: 2 * hits[value] / (wanted[value] + given[value]) for value in VALUES if wanted[value]
    }
    agreed = sum(hits.values()) / len(right)
    chance = sum(wanted[value] * given[value] for value in VALUES) / len(right) ** 2
    macro, kappa = sum(f1.values()) / len(f1), (agreed - chance) / (1 - chance)
    print(f"{name}: n {len(right)}, macro-F1 {macro:.3f} over {', '.join(f1)}, kappa {kappa:.3f}")
    for value, score in f1.items():
        print(
            f"  {value}: n {wanted[value]}, said {given[value]}, right {hits[value]}, F1 {score:.3f}"
        )


def sentences() -> tuple[list[str], list[str]]:
    """UCI Sentiment Labelled Sentences (CC BY 4.0): the pack was fitted to them, at a tenth of a text each."""
    lines = [
        line.rsplit("\t", 1)
        for path in sorted((DATA / "uci_sentences").glob("*_labelled.txt"))
        for line in path.read_text(encoding="utf-8").split("\n")
        if "\t" in line
    ]
    values = {"0": "negative", "1": "positive"}
    return [text.strip() for text, _ in lines], [values[label.strip()] for _, label in lines]


def cpu_seconds() -> float:
    """Of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    quality("UCI sentences, seen in fitting", *sentences())
    for file in sys.argv[1:]:
        with Path(file).open(encoding="utf-8", newline="") as lines:
            rows = list(csv.DictReader(lines))
        quality(file, [row["text"] for row in rows], [row["sentiment"] for row in rows])
    speed()


def speed() -> None:
    """CPU seconds and wall seconds of the whole model, three times."""
    path = DATA / "cfpb" / "complaints_2015_2020.csv"
    with path.open(encoding="utf-8", newline="") as file:
        told = [row["Consumer complaint narrative"] for row in csv.DictReader(file)]
    joined = " ".join(each for each in told if each)
    starts = range(0, len(joined) - CHARACTERS, CHARACTERS)
    pieces = [joined[start : start + CHARACTERS] for start in starts]
    texts = [pieces[no % len(pieces)] for no in range(CONVERSATIONS)]
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/world.duckdb", config={"threads": 2})
        bench_tables(connection, texts)
        models = compiled_models()
        for _ in range(3):
            cpu, wall = cpu_seconds(), time.monotonic()
            for name, model in models.items():
                connection.execute(f"create or replace table bench.{name} as {model}")
            cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
            print(
                f"{CONVERSATIONS:,} conversations of {CHARACTERS} characters: {cpu:.2f} CPU s, {wall:.2f} s,"
                f" {CONVERSATIONS / cpu * 2:,.0f} conversations/s of two whole cores"
            )
        answers = (
            "select value, count(*), count(cue), avg(confidence) from bench.sentiment"
            " group by all order by all"
        )
        print(*connection.execute(answers).fetchall(), sep="\n")


if __name__ == "__main__":
    main()
