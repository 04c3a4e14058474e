"""The ledger: append-only records that a rebuild could not make again."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import duckdb

_EXPORTS = """
    export_seq bigint, export_id varchar, source varchar, table_name varchar, file varchar,
    sha256 varchar, bytes bigint, mtime_ns bigint, format varchar, shape varchar, status varchar,
    reason varchar, seen bigint, kept bigint, duplicates bigint, quarantined bigint,
    stated_count bigint, loaded_at timestamptz, declaration varchar
"""
ADDED_TO_PROFILES = (
    "sample_records bigint", "keyed bigint", "filled bigint", "first_missing bigint", "looks varchar[]",
    "look_records bigint[]", "look_positions bigint[]", "quartiles double[]", "value_records bigint[]",
    "value_positions bigint[]", "digests varchar[]",
)  # fmt: skip
"""What a ledger, or a work database, of an earlier version of this code lacks of its profiles."""
FIELD_PROFILES = f"""
    export_seq bigint, export_id varchar, source varchar, table_name varchar, field varchar,
    is_declared boolean, present bigint, records bigint, json_types varchar[], null_share double,
    distinct_values bigint, value_set varchar[], "min" varchar, "max" varchar, sampled boolean,
    {", ".join(ADDED_TO_PROFILES)}
"""
_ANSWERS = """
    answer_key varchar, signal varchar, classifier varchar, classifier_version varchar,
    conversation_id varchar, value varchar, confidence double, abstain_reason varchar,
    message_no integer, cue varchar, input_tokens bigint, output_tokens bigint,
    is_deterministic boolean, answered_at timestamptz
"""

_VALIDATION_SHEETS = """
    sheet_id varchar, signal varchar, question varchar, allowed_values varchar[],
    classifier varchar, classifier_version varchar, build varchar,
    design varchar, stratified_by varchar, size bigint, seed bigint, conversations bigint,
    is_simulated boolean, error_rate double, drawn_at timestamptz
"""
_VALIDATION_DRAWN = """
    sheet_id varchar, place bigint, conversation_id varchar, stratum varchar, fingerprint varchar,
    predicted varchar, confidence double, abstain_reason varchar, message_no bigint, quote varchar
"""
VALIDATION_POPULATIONS = "sheet_id varchar, opened_on date, conversations bigint"
_VALIDATIONS = """
    validation_id varchar, sheet_id varchar, signal varchar, classifier varchar,
    classifier_version varchar, build varchar, design varchar, reviewer varchar,
    is_simulated boolean, error_rate double, labels bigint, file varchar, replaces varchar,
    recorded_at timestamptz
"""
SIGNAL_MOVES = """
    previous_build varchar, signal varchar, previous_classifier varchar, previous_version varchar,
    classifier varchar, classifier_version varchar, previous_value varchar, value varchar,
    conversations bigint
"""
TAXONOMY_MOVES = """
    previous_build varchar, raw_tag varchar, previous_canonical_tag varchar, canonical_tag varchar,
    previous_driver varchar, driver varchar, conversations bigint
"""
METRIC_REWRITES = """
    previous_build varchar, metric varchar, version varchar, slice_kind varchar, slice varchar,
    became varchar, share double, conversations bigint
"""
METRIC_STRENGTHS = """
    metric varchar, version varchar, kind varchar, planted bigint, noticed bigint, survivors varchar[],
    seed bigint, build varchar, measured_at timestamptz
"""
_VALIDATION_LABELS = "validation_id varchar, conversation_id varchar, value varchar, note varchar"
TRIAGE_CASES = """
    triage_id varchar, metric varchar, version varchar, since timestamp, period_start timestamp,
    threshold double, direction varchar, measured double, opened_at timestamptz, due_at timestamptz,
    owner varchar, owner_email varchar, actions varchar[]
"""
TRIAGE_ENDS = "closed_at timestamptz, closed_by varchar, closed_because varchar"
ADDED_TO_REVIEWS = ("slice varchar",)
"""What a ledger of an earlier version of this code lacks of its reviews."""
REVIEWS = f"""
    metric varchar, version varchar, cadence varchar, period_start timestamp, clause varchar,
    state varchar, measured double, bound double, detail varchar, status varchar, value double,
    coverage double, reviewed_at timestamptz, {", ".join(ADDED_TO_REVIEWS)}
"""
_METRIC_LAUNCHES = "metric varchar, version varchar, launched_at timestamptz, validation varchar"
_METRIC_REVALIDATIONS = """
    metric varchar, version varchar, reviewer varchar, saw varchar, export_seq bigint,
    revalidated_at timestamptz
"""
_VALIDATION_PAIRS = """
    select
        validations.* exclude (labels, file, replaces),
        validation_labels.conversation_id,
        validation_labels.value as label,
        validation_labels.note,
        validation_drawn.* exclude (sheet_id, place, conversation_id)
    from validations
    inner join validation_labels on validations.validation_id = validation_labels.validation_id
    inner join validation_drawn
        on validations.sheet_id = validation_drawn.sheet_id
            and validation_labels.conversation_id = validation_drawn.conversation_id
    where not exists (
        from validations as later where later.replaces = validations.validation_id
    )
"""

_TABLES = {
    "exports": _EXPORTS,
    "field_profiles": FIELD_PROFILES,
    "answers": _ANSWERS,
    "validation_sheets": _VALIDATION_SHEETS,
    "validation_drawn": _VALIDATION_DRAWN,
    "validation_populations": VALIDATION_POPULATIONS,
    "validations": _VALIDATIONS,
    "validation_labels": _VALIDATION_LABELS,
    "signal_moves": f"{SIGNAL_MOVES}, found_at timestamptz",
    "taxonomy_moves": f"{TAXONOMY_MOVES}, found_at timestamptz",
    "metric_rewrites": f"{METRIC_REWRITES}, found_at timestamptz",
    "metric_strengths": METRIC_STRENGTHS,
    "metric_launches": _METRIC_LAUNCHES,
    "triage_cases": TRIAGE_CASES,
    "reviews": REVIEWS,
    "triage_ends": f"triage_id varchar, {TRIAGE_ENDS}",
    "metric_revalidations": _METRIC_REVALIDATIONS,
}


class Ledger:
    """
    `ledger.duckdb`, opened once by the run that writes, or read-only by anyone.

    `exports` has one row per loaded export and one per refusal; an export loaded again after a
    rebuild with another outcome adds a row (the latest `loaded_at` counts). `field_profiles` has
    one row per export and field. `answers` has one row per question asked about one text: what an
    LLM or a Python callable answered, kept under a digest of all it follows from.

    `validation_sheets` has one row per sample drawn and `validation_drawn` one per conversation of
    it, with what the classifier said then; `validation_populations` one per sheet and day, with the
    conversations in scope it was drawn from; `validations` one per sheet a reviewer filled, or
    corrected (`replaces` names the one before), and `validation_labels` one per value given. The
    view `validation_pairs` puts the value given beside the one predicted, corrections counted once.

    `signal_moves` has one row per published build whose successor answers a signal by another
    classifier, value before and value after; `taxonomy_moves` one per such build, raw tag and driver
    before and after. Of several findings the latest `found_at` counts.

    `metric_launches` has one row per version of a metric that passed its launch gate, and by what validation.

    `triage_cases` has one row per case: a metric past its threshold for as many periods as its contract says;
    `triage_ends` one per case somebody closed. `reviews` has one row per metric, period and clause, and one more
    where the clause ended otherwise in a later build, or failed elsewhere.
    `metric_revalidations` has one row each time somebody looked at changed source fields, up to which export, and
    found a metric right all the same.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    @classmethod
    def open(cls, path: Path, read_only: bool = False) -> "Ledger":
        """Open the ledger, creating it unless read-only."""
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        ledger = cls(duckdb.connect(str(path), read_only=read_only))
        ledger.connection.execute("set TimeZone = 'UTC'")
        if not read_only:
            ledger.prepare()
        return ledger

    @classmethod
    def for_reading(cls, path: Path) -> "Ledger":
        """The ledger read-only; an empty one where there is none, or one of an earlier version."""
        if path.exists():
            ledger = cls.open(path, read_only=True)
            if ledger.connection.execute(
                "select 1 from duckdb_tables() where table_name = 'metric_strengths'"
            ).fetchall():
                return ledger
            ledger.close()
        empty = cls(duckdb.connect())
        empty.prepare()
        return empty

    def prepare(self) -> None:
        """Create what is not there yet; what is there stays as it is."""
        for table, columns in _TABLES.items():
            self.connection.execute(f"create table if not exists {table} ({columns})")
        for table, added in (("field_profiles", ADDED_TO_PROFILES), ("reviews", ADDED_TO_REVIEWS)):
            for column in added:
                self.connection.execute(f"alter table {table} add column if not exists {column}")
        self.connection.execute(f"create or replace view validation_pairs as {_VALIDATION_PAIRS}")

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def sequence_for(self, sha256: str, source: str, table: str) -> int | None:
        """The number under which this content was first loaded for a table, if ever."""
        rows = self.connection.execute(
            "select min(export_seq) from exports "
            "where sha256 = ? and source = ? and table_name = ? and status = 'loaded'",
            [sha256, source, table],
        ).fetchall()
        return None if rows[0][0] is None else int(rows[0][0])

    def last_sequence(self) -> int:
        """The highest number given to an export so far, 0 if none was."""
        return int(
            self.connection.execute("select coalesce(max(export_seq), 0) from exports").fetchall()[
                0
            ][0]
        )

    def order(self) -> dict[tuple[str, int, int], int]:
        """File name, size and time of change -> number, so that a rebuild loads in that order."""
        return {
            (file, size, mtime_ns): export_seq
            for file, size, mtime_ns, export_seq in self.connection.execute(
                "select file, bytes, mtime_ns, min(export_seq) from exports "
                "where status = 'loaded' group by all"
            ).fetchall()
        }

    def record(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Copy what the build knows of its exports and the ledger does not; twice is once."""
        exports = self._new(
            "exports",
            connection.execute("from raw.exports").fetchall(),
            (
                "export_id",
                "file",
                "status",
                "reason",
                "seen",
                "kept",
                "duplicates",
                "quarantined",
            ),
        )
        known = {
            row[0]
            for row in self.connection.execute(
                "select distinct export_seq from field_profiles"
            ).fetchall()
        }
        wanted = [row[0] for row in self._sequences(connection) if row[0] not in known]
        profiles = connection.execute(
            f"from raw.field_profiles where list_contains({wanted}::bigint[], export_seq)"
        ).fetchall()
        if not exports and not profiles:
            return
        self.connection.execute("begin")
        self._append("exports", exports)
        self._append("field_profiles", profiles)
        self.connection.execute("commit")

    def _sequences(self, connection: duckdb.DuckDBPyConnection) -> list[tuple[int]]:
        rows: list[tuple[int]] = connection.execute(
            "select distinct export_seq from raw.field_profiles where export_seq is not null"
        ).fetchall()
        return rows

    def _new(
        self, table: str, rows: Sequence[tuple[object, ...]], facts: Sequence[str]
    ) -> list[tuple[object, ...]]:
        described = self.connection.execute(f"from {table} limit 0").description or []
        columns = [column[0] for column in described]
        places = [columns.index(fact) for fact in facts]
        known = {
            tuple(row)
            for row in self.connection.execute(f"select {', '.join(facts)} from {table}").fetchall()
        }
        return [row for row in rows if tuple(row[place] for place in places) not in known]

    def _append(self, table: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self.connection.executemany(
                f"insert into {table} values ({', '.join('?' for _ in rows[0])})", rows
            )
