"""Labels as a build takes them in, so that shares of its cells can be corrected where they are computed."""

from __future__ import annotations

import duckdb

from signals.validation.pairs import BY_VERSION, agreed_labels

COLUMNS = """
    signal varchar, classifier varchar, classifier_version varchar, is_simulated boolean,
    conversation_id varchar, label varchar, predicted varchar
"""


def read(ledger: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """
    One row per signal, classifier, version and labelled conversation.

    People's labels where a version has any, else a simulated reviewer's, and `is_simulated` says so.
    `predicted` is what the classifier said when the sheet was drawn, null where it abstained.
    """
    return ledger.execute(
        f"""
        select {", ".join(BY_VERSION)}, conversation_id, label, predicted
        from ({agreed_labels(BY_VERSION)})
        qualify is_simulated = bool_and(is_simulated) over (
            partition by signal, classifier, classifier_version
        )
        order by all
        """
    ).fetchall()
