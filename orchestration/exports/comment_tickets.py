"""Comments that name no ticket, told whose they are by the audit they were written in."""

from collections.abc import Sequence

import duckdb

from contracts.exports import ExportDeclaration
from orchestration.exports.sql_text import literal, name


def comes_first(declared: Sequence[ExportDeclaration], source: str, file_name: str) -> bool:
    """Whether a file is named as audits are: loaded first, they tell whose the comments are."""
    return any(
        one.source == source and one.record == "audit" and one.names(file_name) for one in declared
    )


def name_tickets(
    connection: duckdb.DuckDBPyConnection,
    declared: ExportDeclaration,
    of_source: Sequence[ExportDeclaration],
    export_seq: int,
) -> None:
    """
    Give the comments of an export the tickets that audits loaded before name; the rest stay without.

    `GET /tickets/{id}/comments` answers comments without their ticket, but with their `audit_id`.
    """
    audits = next((one for one in of_source if one.record == "audit"), None)
    if declared.record != "comment" or audits is None or "audit_id" not in declared.columns:
        return
    connection.execute(
        f"""
        update raw.{name(declared.identifier)} as comments
        set ticket_id = audits.ticket_id
        from (
            select id, any_value(ticket_id) as ticket_id
            from raw.{name(audits.identifier)}
            where source = {literal(declared.source)}
                -- empty, and not looked through, unless a comment asks
                and id in (
                    select audit_id::varchar from raw.{name(declared.identifier)}
                    where export_seq = {export_seq} and ticket_id is null
                )
            group by all
        ) as audits
        where comments.export_seq = {export_seq}
            and comments.ticket_id is null
            and comments.audit_id::varchar = audits.id
        """
    )
