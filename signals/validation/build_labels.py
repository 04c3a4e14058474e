"""Labels as a build takes them in, so that shares of its cells can be corrected where they are computed."""

from __future__ import annotations

import duckdb

from signals.validation.pairs import ABSTAINED, choose, read_pairs


def store(ledger: duckdb.DuckDBPyConnection, build: duckdb.DuckDBPyConnection, table: str) -> None:
    """
    Write `table` of a build: one row per signal, classifier, version and labelled conversation.

    People's labels where a version has any, else a simulated reviewer's, and `is_simulated` says so.
    `predicted` is what the classifier said when the sheet was drawn, null where it abstained. Made again
    from the ledger each time: labels are few, and corrections change them.
    """
    build.execute(
        f"create or replace table {table} (signal varchar, classifier varchar,"
        " classifier_version varchar, is_simulated boolean, conversation_id varchar,"
        " label varchar, predicted varchar)"
    )
    labelled = ledger.execute(
        "select signal, classifier, classifier_version, bool_and(is_simulated)"
        " from validation_pairs group by all order by all"
    ).fetchall()
    for signal, classifier, version, is_simulated in labelled:
        pairs = read_pairs(ledger, choose(signal, (classifier, version), is_simulated))
        build.executemany(
            f"insert into {table} values (?, ?, ?, ?, ?, ?, nullif(?, '{ABSTAINED}'))",
            [
                [
                    signal,
                    classifier,
                    version,
                    is_simulated,
                    each.conversation_id,
                    each.label,
                    each.predicted,
                ]
                for each in pairs
            ],
        )
