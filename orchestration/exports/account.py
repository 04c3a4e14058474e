"""Every record of an export accounted for: its position, exact repeats, and what is refused."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from contracts.exports import ExportDeclaration
from contracts.records import CONVERSATION, REQUIRED_FIELDS
from orchestration.exports import csv_records
from orchestration.exports.csv_text import csv_texts
from orchestration.exports.json_ids import lost_floats
from orchestration.exports.json_text import texts
from orchestration.exports.opened import PLAUSIBLE
from orchestration.exports.quarantine import Quarantine
from orchestration.exports.recognise import Recognised
from orchestration.exports.record_id import IS_SHORTENED, IS_WHOLE_NUMBER, lost_id_reason, plain_id
from orchestration.exports.sql_text import literal, name

NO_TICKET = (
    "has no ticket_id, and no audit received before names its ticket: add ticket_id to each comment"
)


@dataclass(frozen=True)
class Counts:
    """What became of an export's records; a record is in exactly one of the last three."""

    seen: int
    kept: int
    duplicates: int
    quarantined: int


@dataclass
class Account:
    """One export whose records lie in its raw table, not yet counted."""

    connection: duckdb.DuckDBPyConnection
    recognised: Recognised
    path: Path
    export_seq: int
    export_id: str

    @property
    def _declared(self) -> ExportDeclaration:
        return self.recognised.declaration

    @property
    def _table(self) -> str:
        return f"raw.{name(self._declared.identifier)}"

    def settle(self, seen: int, quarantine: Quarantine) -> Counts:
        """Give positions, take repeats and refused records out, and return the counts."""
        execute = self.connection.execute
        first_row = execute(
            f"select min(rowid) from {self._table} where export_seq = {self.export_seq}"
        ).fetchall()[0][0]
        unread = len(quarantine.positions)
        if first_row is None:
            quarantine.store(self.connection, self.export_seq, self.export_id)
            return Counts(seen, 0, 0, unread)
        lost = self._judge_floats(first_row, set(quarantine.positions))
        self._find_refused()
        if lost:
            self._refuse_floats(lost)
        self._find_repeated()
        self._give_positions(first_row, quarantine.positions)
        refused = self._refuse(quarantine)
        duplicates = execute(
            f"insert into raw.duplicates select {self.export_seq}, position, id from {self._table} "
            "where rowid in (select row from repeated) order by position"
        ).fetchall()[0][0]
        execute(
            f"delete from {self._table} where rowid in "
            "(select row from repeated union all select row from refused)"
        )
        execute("drop table repeated; drop table refused")
        quarantine.store(self.connection, self.export_seq, self.export_id)
        kept = self._count(f"export_seq = {self.export_seq}")
        return Counts(seen, kept, duplicates, unread + refused)

    def _judge_floats(self, first_row: int, unread: Collection[int]) -> dict[int, str]:
        """Make plain ids of JSON's floats; of those that lost digits the row and what was written."""
        layout = self.recognised.layout
        mine = f"export_seq = {self.export_seq} and contains(id, '.')"
        if layout is None or not self._count(mine):
            return {}
        read = (
            written
            for position, written in lost_floats(self.path, layout, self.recognised.key)
            if position not in unread
        )
        lost = {first_row + place: written for place, written in enumerate(read) if written}
        self.connection.execute(f"update {self._table} set id = {plain_id('id')} where {mine}")
        return lost

    def _refuse_floats(self, lost: dict[int, str]) -> None:
        self.connection.execute(
            "delete from refused where list_contains($rows, row)", {"rows": [*lost]}
        )
        self.connection.execute(
            "insert into refused by name "
            "select unnest($rows) as row, 0 as lost, unnest($ids::varchar[]) as id",
            {"rows": [*lost], "ids": [*lost.values()]},
        )

    def _count(self, which: str) -> int:
        rows = self.connection.execute(f"select count(*) from {self._table} where {which}")
        return int(rows.fetchall()[0][0])

    def _find_refused(self) -> None:
        is_zendesk = self._declared.format == "zendesk"
        is_id = IS_WHOLE_NUMBER if is_zendesk else f"not {IS_SHORTENED}"
        is_lost = f"id is null or trim(id) = '' or not {is_id}"
        if self._declared.record == CONVERSATION:
            # published as it is, and a terminal prints it
            is_lost += " or regexp_matches(id, '[@[:cntrl:]]')"
        self.connection.execute(
            f"create or replace temp table refused as "
            f"select rowid as row, position as lost, id, "
            f"case when not ({is_lost}) then {self._lack()} end as lack from {self._table} "
            f"where export_seq = {self.export_seq} "
            f"and (position <> 0 or {is_lost} or lack is not null)"
        )

    def _lack(self) -> str:
        """SQL for what a record lacks besides its id, as a sentence; null where it lacks nothing."""
        declared = self._declared
        cases = []
        for field in REQUIRED_FIELDS.get((declared.format, declared.record), ()):
            column = name(declared.raw_column(field))
            lack = NO_TICKET if declared.record == "comment" else f"has no {field}"
            cases.append(f"when {column} is null then {literal(lack)}")
            if field in ("created_at", "opened_at"):
                moment = f"to_timestamp({column})" if declared.format == "intercom" else column
                cases.append(
                    f"when {moment} not {PLAUSIBLE} then 'has the {field} ' || {column}::varchar"
                    " || ', which no conversation can have'"
                )
        return f"case {' '.join(cases)} end" if cases else "null::varchar"

    def _find_repeated(self) -> None:
        """Records equal in every declared field to one stored before, here or earlier."""
        mine = f"export_seq = {self.export_seq} and rowid not in (select row from refused)"
        self.connection.execute(
            f"""
            create or replace temp table repeated as
            with twice as (
                select id, record_hash, min(rowid) as first_row from {self._table}
                where {mine} group by all having count(*) > 1
            )
            select records.rowid as row from {self._table} as records
            inner join twice using (id, record_hash)
            where {mine} and records.rowid <> first_row
            """
        )
        if earlier := self._earlier():
            self.connection.execute(
                f"""
                insert into repeated
                select rowid from {self._table}
                where {mine} and rowid not in (select row from repeated)
                    and (id, record_hash) in (
                        select (id, record_hash) from {self._table}
                        where source = {literal(self._declared.source)}
                            and export_seq in ({", ".join(map(str, earlier))})
                    )
                """
            )

    def _earlier(self) -> list[int]:
        return [
            row[0]
            for row in self.connection.execute(
                "select export_seq from raw.exports where source = ? and table_name = ? "
                "and status = 'loaded' and export_seq <> ?",
                [self._declared.source, self._declared.table, self.export_seq],
            ).fetchall()
        ]

    def _give_positions(self, first_row: int, unread: Iterable[int]) -> None:
        """Rows lie in the order of the file, one after another; unread records leave gaps."""
        ordinal, mine = f"(rowid - {first_row} + 1)", f"export_seq = {self.export_seq}"
        unread = sorted(unread)
        if not unread:
            self.connection.execute(f"update {self._table} set position = {ordinal} where {mine}")
            return
        # The row after the k-th unread record at position p is the (p - k + 1)-th stored.
        self.connection.execute(
            f"""
            update {self._table} set position = placed.position
            from (
                with gaps as (
                    select position - row_number() over (order by position) + 1 as from_ordinal,
                        row_number() over (order by position) as unread
                    from (select unnest({unread}::bigint[]) as position)
                ),
                shifts as (
                    select from_ordinal, max(unread) as unread from gaps group by all
                )
                select rows.row, rows.ordinal + coalesce(shifts.unread, 0) as position
                from (
                    select rowid as row, {ordinal} as ordinal from {self._table}
                    where {mine}
                ) as rows
                asof left join shifts on rows.ordinal >= shifts.from_ordinal
            ) as placed
            where {self._table}.rowid = placed.row
            """
        )

    def _refuse(self, quarantine: Quarantine) -> int:
        """Quarantine the stored records that are refused, with their text from the export."""
        refused = {
            position: (lost, lack or lost_id_reason(identity))
            for position, lost, lack, identity in self.connection.execute(
                f"select position, lost, lack, refused.id from refused "
                f"inner join {self._table} as records on records.rowid = refused.row"
            ).fetchall()
        }
        if not refused:
            return 0
        last = max(refused)
        if self.recognised.format == "csv":
            self._refuse_csv(refused, last, quarantine)
            return len(refused)
        assert self.recognised.layout is not None
        for text in texts(self.path, self.recognised.layout, self.recognised.key):
            if text.position in refused:
                quarantine.add_stored(text.position, refused[text.position][1], text.text)
            if text.position == last:
                break
        return len(refused)

    def _refuse_csv(
        self, refused: dict[int, tuple[int, str]], last: int, quarantine: Quarantine
    ) -> None:
        headers = self.recognised.headers
        for record in csv_texts(self.path, self._declared, len(headers)):
            if record.position in refused:
                lost, reason = refused[record.position]
                if lost:
                    reason = csv_records.lost_reason(self._declared, headers, record.fields, lost)
                quarantine.add_stored(record.position, reason, record.text)
            if record.position == last:
                return
