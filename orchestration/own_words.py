"""Labelled conversations as texts to fit a pack to: the customer's own words, cut as the build cuts them."""

from __future__ import annotations

from orchestration.ledger import Ledger
from orchestration.signal_trial import built_on
from orchestration.stores import Stores
from signals.fit import Labelled
from signals.validation.pairs import agreed_labels

MODEL = "model.assay.own_words"
"""What a pack weighs: a build keeps it of the conversations of its last run alone, so it is worked out again."""


def labelled_texts(
    stores: Stores, signal: str, is_simulated: bool, languages: set[str]
) -> list[Labelled]:
    """
    What people, or a simulated reviewer, said of a signal, of conversations in scope in these languages.

    Labels of every version of the classifier: what a reader says does not depend on it. The caller holds
    the run's lock. Raises WarehouseError where the project does not compile.
    """
    with Ledger.for_reading(stores.ledger) as ledger:
        query = agreed_labels(("signal", "is_simulated"), "signal = ? and is_simulated = ?")
        rows = ledger.connection.execute(
            f"select conversation_id, label from ({query})", [signal, is_simulated]
        ).fetchall()
    if not rows:
        return []
    labels = dict(rows)
    with built_on(stores, MODEL, sorted(labels)) as (connection, relation):
        words = connection.execute(
            "select conversation_id, language, string_agg(words, chr(10) order by message_no)"
            f" from {relation} where list_contains(?, language) group by all order by conversation_id",
            [sorted(languages)],
        ).fetchall()
    return [Labelled(text, labels[each], language) for each, language, text in words]
