"""
What sentiment costs, and how right it is on texts that lie beside the checkout. `python -m tests.signals.bench_sentiment`

CPU seconds of the model, as dbt compiles it, over 100,000 conversations made by repeating real texts, each made
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
from pathlib import Path

import duckdb

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
CONVERSATIONS = 100_000
CHARACTERS = 900


def compiled_model() -> str:
    """The model's SQL with its seeds in place, the schema of every relation `bench`."""
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
            ["compile", "--select", "sentiment"],
        ):
            subprocess.run(
                [*dbt, *command, *where, *target], env=environment, check=True, capture_output=True
            )
        (path,) = Path(folder, "dbt", "compiled").rglob("sentiment.sql")
        return re.sub(r'"work"\."\w+"\."(\w+)"', r"bench.\1", path.read_text(encoding="utf-8"))


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
        "create or replace table bench.own_words as select 'bench:' || no as conversation_id, 1::bigint as message_no,"
        " 'customer' as author_role, 'en' as language, no || ' ' || words || ' ' || md5(no::varchar) as words"
        " from (select unnest(?::varchar[]) as words, unnest(range(len(?::varchar[]))) as no)",
        [texts, texts],
    )
    connection.execute(
        "create or replace table bench.languages_detected as select conversation_id, language from bench.own_words"
    )


def cpu_seconds() -> float:
    """Of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
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
        model = compiled_model()
        for _ in range(3):
            cpu, wall = cpu_seconds(), time.monotonic()
            connection.execute(f"create or replace table bench.said as {model}")
            cpu, wall = cpu_seconds() - cpu, time.monotonic() - wall
            print(
                f"{CONVERSATIONS:,} conversations of {CHARACTERS} characters: {cpu:.2f} CPU s, {wall:.2f} s,"
                f" {CONVERSATIONS / cpu * 2:,.0f} conversations/s of two whole cores"
            )
        found = "select value, count(*), count(cue), avg(confidence) from bench.said group by all order by all"
        print(*connection.execute(found).fetchall(), sep="\n")


if __name__ == "__main__":
    main()
