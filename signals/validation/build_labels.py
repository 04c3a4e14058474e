"""Labels as a build takes them in, so that shares of its cells can be corrected where they are computed."""

from __future__ import annotations

import duckdb

from signals.validation.pairs import BY_VERSION, agreed_labels
from signals.validation.sheet import transcripts
from signals.validation.transcript import fingerprint

COLUMNS = """
    signal varchar, classifier varchar, classifier_version varchar, is_simulated boolean,
    conversation_id varchar, label varchar, predicted varchar, sheet_id varchar, is_as_read boolean
"""


def read(
    ledger: duckdb.DuckDBPyConnection, build: duckdb.DuckDBPyConnection | None = None
) -> list[tuple[object, ...]]:
    """
    One row per signal, classifier, version and labelled conversation.

    People's labels where a version has any, else a simulated reviewer's, and `is_simulated` says so.
    `predicted` is what the classifier said when the sheet was drawn, null where it abstained; `is_as_read`
    whether `build`, where there is one, still shows the conversation as its reviewer read it.
    """
    rows = ledger.execute(
        f"""
        select {", ".join(BY_VERSION)}, conversation_id, label, predicted, sheet_id, fingerprint
        from ({agreed_labels(BY_VERSION)})
        qualify is_simulated = bool_and(is_simulated) over (
            partition by signal, classifier, classifier_version
        )
        order by all
        """
    ).fetchall()
    shown = _fingerprints(build, sorted({row[4] for row in rows})) if build and rows else None
    return [(*row[:-1], shown is None or shown.get(row[4]) == row[-1]) for row in rows]


def populations(ledger: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """How many conversations in scope each labelled sheet was drawn from, by the day they were opened."""
    return ledger.execute(
        "select sheet_id, opened_on, conversations from validation_populations"
        " where sheet_id in (select sheet_id from validations) order by all"
    ).fetchall()


def _fingerprints(build: duckdb.DuckDBPyConnection, ids: list[str]) -> dict[str, str]:
    return {each: fingerprint(text) for each, text in transcripts(build, ids).items()}
