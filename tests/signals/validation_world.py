"""A data folder with signals to validate: a real build, and answers whose mistakes are known."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
from click.testing import CliRunner
from running import Built, Ended

from orchestration.cli import main

SENTIMENT = ("lexicon", "1.0.0")

SIGNALS = """
    create or replace table marts.fct_signals as
    with truth as (
        select
            conversation_id,
            if(sentiment = 'mixed', 'neutral', sentiment) as sentiment,
            churn,
            hash(conversation_id) % 100 as chance
        from read_parquet($truth)
    ),
    answers as (
        select
            conversation_id,
            'sentiment' as signal,
            -- of 100 conversations: 6 abstained on, 14 called neutral, the others right
            case when chance < 6 then null when chance < 20 then 'neutral' else sentiment end as value,
            if(chance < 6, null, round(0.5 + chance / 250, 3)) as confidence,
            if(chance < 6, 'not enough evidence', null) as abstain_reason,
            $classifier as classifier,
            $version as classifier_version
        from truth
        union all
        select
            conversation_id, 'churn_risk', if(chance < 4, 'mention', churn), 0.9, null, 'rules', '2.1.0'
        from truth
    )
    select
        answers.*,
        messages.message_no,
        if(value is null, null, substr(messages.body, 1, 60)) as quote,
        if(value is null, null, 0) as quote_start,
        if(value is null, null, least(60, length(messages.body))) as quote_end
    from answers
    inner join marts.fct_conversations as conversations
        on answers.conversation_id = conversations.conversation_id and conversations.is_in_scope
    left join marts.fct_messages as messages
        on answers.conversation_id = messages.conversation_id and messages.message_no = 1
"""


@dataclass(frozen=True)
class Labelled:
    """A data folder whose newest build holds signals."""

    data: Path
    truth: Path

    def validate(self, *arguments: object) -> Ended:
        """Run `assay validate …` in this process: a new one would import for a second each time."""
        done = CliRunner().invoke(
            main, ["validate", *map(str, arguments)], env={"ASSAY_DATA": str(self.data)}
        )
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Ended(done.exit_code, done.stdout, done.stderr)

    def drawn(self, *arguments: object, signal: str = "sentiment") -> Path:
        """Draw a sheet; its file."""
        ended = self.validate("sample", signal, "--reviewer", "ana", "--json", *arguments)
        assert ended.code == 0, ended.err
        return Path(json.loads(ended.out)["file"])

    def simulated(self, *arguments: object, signal: str = "sentiment") -> Path:
        """Draw a sheet and have it filled from the truth; its file."""
        ended = self.validate("simulate", signal, "--truth", self.truth, "--json", *arguments)
        assert ended.code == 0, ended.err
        return Path(json.loads(ended.out)["file"])

    def report(self, *arguments: object, signal: str = "sentiment") -> dict:
        ended = self.validate("report", signal, "--json", *arguments)
        assert ended.code == 0, ended.err
        return dict(json.loads(ended.out))

    def rows(self, query: str) -> list[tuple]:
        """Ask the ledger."""
        with duckdb.connect(str(self.data / "ledger.duckdb"), read_only=True) as ledger:
            return ledger.execute(query).fetchall()

    def published(self, query: str) -> list[tuple]:
        path = self.data / "published" / "assay.duckdb"
        with duckdb.connect(str(path), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def true_values(self) -> dict[str, str]:
        """What a reviewer who never errs says of sentiment."""
        rows = duckdb.sql(
            "select conversation_id, if(sentiment = 'mixed', 'neutral', sentiment)"
            f" from '{self.truth}'"
        ).fetchall()
        return dict(rows)


def publish_signals(built: Built, data: Path, name: str, version: str = SENTIMENT[1]) -> Labelled:
    """Add a build with signals to a data folder, as the newest."""
    published = data / "published"
    published.mkdir(parents=True, exist_ok=True)
    path = published / name
    shutil.copyfile(built.published, path)
    truth = built.exports / "truth.parquet"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            SIGNALS, {"truth": str(truth), "classifier": SENTIMENT[0], "version": version}
        )
    path.chmod(0o444)
    (published / "assay.duckdb").unlink(missing_ok=True)
    (published / "assay.duckdb").symlink_to(name)
    return Labelled(data, truth)


def rows_of(path: Path) -> list[dict[str, str]]:
    """A sheet's rows as a spreadsheet shows them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def save(path: Path, rows: list[dict[str, str]], delimiter: str = ",") -> Path:
    """A sheet as a spreadsheet saves it: other line ends, another separator."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=delimiter, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def filled(path: Path, values: dict[str, str]) -> Path:
    """The sheet with the value of every conversation."""
    return save(path, [row | {"value": values[row["conversation_id"]]} for row in rows_of(path)])
