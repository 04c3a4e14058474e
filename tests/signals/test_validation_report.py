"""What a report says of labels, and what it refuses to say."""

from __future__ import annotations

import duckdb
import pytest
from validation_world import filled, rows_of, save

from orchestration.brought import write
from orchestration.ledger import Ledger
from signals.validation import build_labels, corrected_share
from signals.validation.agreement import kappa, wilson


@pytest.fixture
def judged(labelled):
    """150 conversations labelled by somebody who never errs."""
    assert (
        labelled.validate("record", filled(labelled.drawn("--n", 150), labelled.true_values())).code
        == 0
    )
    return labelled


def test_precision_recall_and_kappa_are_those_of_the_pairs(judged):
    found = judged.report()
    pairs = judged.rows("select label, coalesce(predicted, 'abstained') from validation_pairs")
    assert (found["standing"], found["labels"]) == ("validated", 150)
    for each in found["values"]:
        value = each["value"]
        right = sum(pair == (value, value) for pair in pairs)
        predicted = [pair for pair in pairs if pair[1] == value]
        labelled = [pair for pair in pairs if pair[0] == value]
        assert each["precision"] == vars(wilson(right, len(predicted)))
        # an abstention finds nothing
        assert each["recall"] == vars(wilson(right, len(labelled)))
    counted = {
        (each["label"], each["predicted"]): each["conversations"] for each in found["confusion"]
    }
    assert counted == {pair: pairs.count(pair) for pair in set(pairs)}
    assert found["kappa"] == vars(kappa(counted))
    abstained = sum(said == "abstained" for _, said in pairs)
    assert abstained > 0
    assert found["abstained"] == vars(wilson(abstained, 150))


def test_shares_are_published_as_counted_and_corrected(judged):
    """
    The classifier calls too much neutral; the corrected interval holds what the truth counts.
    """
    truth = dict(
        duckdb.sql(
            "select if(sentiment = 'mixed', 'neutral', sentiment), count(*)"
            f" from '{judged.truth}' where conversation_id in (select unnest($ids)) group by all",
            params={
                "ids": [
                    name
                    for (name,) in judged.published(
                        "select conversation_id from marts.fct_conversations where is_in_scope"
                    )
                ]
            },
        ).fetchall()
    )
    for each in judged.report()["values"]:
        share = each["share"]
        true = truth[each["value"]] / sum(truth.values())
        assert share["low"] <= true <= share["high"], each["value"]
        if each["value"] == "negative":
            assert share["counted"] < share["low"], "uncorrected, it is too low by far"
        counted = judged.published(
            "select avg((value is not distinct from $v)::int) from marts.fct_signals"
            " where signal = 'sentiment'".replace("$v", f"'{each['value']}'")
        )
        assert share["counted"] == pytest.approx(counted[0][0])


def test_a_build_takes_labels_in_and_corrects_the_shares_of_each_cell_by_its_own(judged):
    """
    What the report says of all conversations, SQL says of any cell, from the labels inside it.
    """
    judged.validate("record", judged.simulated("--n", 80, signal="churn_risk"))
    path = judged.data / "published" / "assay.duckdb"
    with duckdb.connect() as build, Ledger.for_reading(judged.data / "ledger.duckdb") as ledger:
        corrected_share.install(build)
        write(build, "labels", build_labels.COLUMNS, build_labels.read(ledger.connection))
        build.execute(f"attach '{path.resolve()}' as published (read_only)")
        build.execute(
            """
            create view cells as
            with answers as (
                select
                    answers.signal, answers.value as answer, labels.is_simulated, labels.label,
                    labels.predicted as said, unnest(['all', conversations.language]) as language
                from published.marts.fct_conversations as conversations
                inner join published.marts.fct_signals as answers
                    on conversations.conversation_id = answers.conversation_id
                left join labels
                    on answers.conversation_id = labels.conversation_id
                        and answers.signal = labels.signal
                        and answers.classifier_version = labels.classifier_version
                where conversations.is_in_scope
            ),
            declared as (select distinct signal, label as value from answers where label is not null)
            select
                answers.signal, language, declared.value, bool_or(is_simulated) as is_simulated,
                count(*) as conversations,
                count(*) filter (answer = declared.value) as predicted,
                count(label) as labelled,
                count(*) filter (label = declared.value and said = label) as agreed,
                count(*) filter (said = declared.value and said != label) as predicted_only,
                count(*) filter (label = declared.value and said is distinct from label) as labelled_only
            from answers
            inner join declared on answers.signal = declared.signal
            group by all
            """
        )
        rows = build.execute(
            "select signal, value, language, is_simulated, share_counted, share_corrected, share_low,"
            " share_high, labelled, share_method from corrected_shares('cells', 50)"
        ).fetchall()
    found = {row[:3]: row[3:] for row in rows}
    for signal, is_simulated in (("sentiment", False), ("churn_risk", True)):
        for each in judged.report(signal=signal)["values"]:
            share = each["share"]
            told = (is_simulated, share["counted"], share["corrected"], share["low"], share["high"])
            assert found[signal, each["value"], "all"][:5] == pytest.approx(told)
    english, german = (found["sentiment", "negative", each] for each in ("en", "de"))
    assert english[5] < 150
    assert english[6] == "prediction_powered"
    assert german[5] < 50
    assert german[6] == "unvalidated", "labels of other languages say nothing of this one"


def test_too_few_labels_are_called_unvalidated(labelled):
    assert labelled.report()["standing"] == "unvalidated"
    labelled.validate("record", filled(labelled.drawn("--n", 49), labelled.true_values()))
    found = labelled.report()
    assert (found["standing"], found["labels"], found["labels_needed"]) == ("unvalidated", 49, 50)
    assert {each["share"]["method"] for each in found["values"]} == {"unvalidated"}
    assert {each["share"]["corrected"] for each in found["values"]} == {None}
    assert labelled.report("--min-labels", 49)["standing"] == "validated"
    told = text(labelled, "sentiment")
    assert "unvalidated: 49 labels of at least 50" in told


def test_a_ledger_older_than_validations_holds_none(labelled):
    with duckdb.connect(str(labelled.data / "ledger.duckdb")) as older:
        older.execute("create table exports (export_seq bigint)")
    assert (labelled.report()["standing"], labelled.report()["labels"]) == ("unvalidated", 0)


def test_two_reviewers_of_the_same_conversations_are_held_against_each_other(labelled):
    truth = labelled.true_values()
    one = filled(labelled.drawn("--n", 60), truth)
    labelled.validate("record", one)
    rows = rows_of(one)
    for row in rows[::5]:
        row["value"] = "neutral"
    other = save(labelled.data / "ben.csv", rows)
    # a third of what ana read
    labelled.validate("record", other, "--reviewer", "ben")
    third = filled(labelled.drawn("--n", 20, "--out", labelled.data / "cem.csv"), truth)
    labelled.validate("record", third, "--reviewer", "cem")
    found = labelled.report()
    assert [each["name"] for each in found["reviewers"]] == ["ana", "ben", "cem"]
    between = {tuple(each["reviewers"]): each["kappa"] for each in found["between_reviewers"]}
    counts: dict[tuple[str, str], int] = {}
    for first, second in zip(rows_of(one), rows, strict=True):
        pair = (first["value"], second["value"])
        counts[pair] = counts.get(pair, 0) + 1
    assert between["ana", "ben"] == vars(kappa(counts))
    assert between["ana", "cem"]["value"] == 1
    assert between["ana", "cem"]["labels"] == 20
    # each conversation counts once, and of two who differ the one recorded first
    assert found["labels"] == 60
    assert found["confusion"] == labelled.report("--reviewer", "ana")["confusion"]


def test_the_worst_disagreements_are_the_surest_and_quote_what_decided(judged):
    worst = judged.report("--worst", 3)["disagreements"]
    sure = judged.rows(
        "select conversation_id, confidence from validation_pairs"
        " where predicted is not null and predicted != label"
        " order by confidence desc, conversation_id limit 3"
    )
    assert [(each["conversation_id"], each["confidence"]) for each in worst] == sure
    for each in worst:
        ((body,),) = judged.published(
            "select body from marts.fct_messages where message_no = 1"
            f" and conversation_id = '{each['conversation_id']}'"
        )
        assert each["quote"]
        assert each["quote"] in body
    told = text(judged, "sentiment")
    assert "Worst disagreements" in told
    assert worst[0]["conversation_id"] in told


def text(world, *arguments):
    """The report as people see it, lines joined."""
    ended = world.validate("report", *arguments)
    assert ended.code == 0, ended.err
    return " ".join(ended.out.split())


def test_a_target_says_how_many_more_labels_it_needs(judged):
    found = judged.report("--target-precision", 0.9, "--target-kappa", 0.95)
    by_value = {each["value"]: each for each in found["values"]}
    negative = by_value["negative"]
    assert negative["precision"]["value"] == 1
    assert negative["needed"]["reviews"] == 35
    assert wilson(35, 35).low >= 0.9 > wilson(34, 34).low
    assert negative["needed"]["clean_reviews"] == 29
    assert by_value["neutral"]["needed"]["labels"] is None
    assert found["kappa_needed"]["labels"] is None
    told = text(judged, "sentiment", "--target-precision", 0.95, "--target-kappa", 0.6)
    assert "needs 73 reviews in all" in told
    assert "(59 reviews without a mistake prove it, exact and one-sided)" in told
    assert "precision of neutral: 0.95 is out of reach at what was measured" in told


def test_labels_of_one_version_say_nothing_of_the_next(judged, publish_again):
    publish_again(judged, "1.1.0")
    found = judged.report()
    assert (found["classifier_version"], found["labels"]) == ("1.1.0", 0)
    assert found["standing"] == "unvalidated"
    earlier = judged.report("--classifier-version", "1.0.0")
    assert (earlier["standing"], earlier["labels"]) == ("validated", 150)
    assert {each["share"] for each in earlier["values"]} == {None}, (
        "the build holds another version"
    )
    unknown = judged.validate("report", "sentiment", "--classifier-version", "3.0.0")
    assert "Known: lexicon 1.0.0, lexicon 1.1.0." in unknown.err


def test_a_simulated_reviewer_errs_at_the_rate_stated(labelled):
    truth = labelled.true_values()
    wrong = {}
    for rate in (0.0, 0.2, 1.0):
        rows = rows_of(labelled.simulated("--n", 200, "--error-rate", rate))
        wrong[rate] = sum(row["value"] != truth[row["conversation_id"]] for row in rows)
    assert wrong[0.0] == 0
    assert wrong[1.0] == 200
    assert 22 <= wrong[0.2] <= 58, "40 expected, within three standard errors"


def test_simulated_labels_are_marked_wherever_they_are_shown(labelled):
    for name in ("simulated", "simulated two"):
        sheet = labelled.simulated("--n", 100, "--reviewer", name)
        ended = labelled.validate("record", sheet)
        assert "(simulated reviewer, errs in 10%)" in ended.out
    assert labelled.rows("select distinct is_simulated, error_rate from validations") == [
        (True, 0.1)
    ]
    found = labelled.report()
    assert (found["standing"], found["is_simulated"]) == ("simulated", True)
    told = text(labelled, "sentiment")
    assert "not validated: 100 labels of a simulated reviewer" in told
    assert "SIMULATED: no person read these conversations." in told
    assert "simulated two (SIMULATED, errs in 10%): 100 labels" in told
    assert "simulated, simulated two (SIMULATED)" in told
    assert "newest build, corrected by SIMULATED labels" in told
    # two names err in different places
    assert found["between_reviewers"][0]["kappa"]["value"] < 1


def test_simulated_labels_never_mix_with_those_of_people(judged):
    judged.validate("record", judged.simulated("--n", 80))
    found = judged.report()
    assert (found["labels"], found["is_simulated"], found["standing"]) == (150, False, "validated")
    assert [each["name"] for each in found["left_out"]] == ["simulated"]
    told = text(judged, "sentiment")
    assert "simulated (SIMULATED): 80 labels, not counted beside people's" in told
    assert judged.report("--reviewer", "simulated")["standing"] == "simulated"


def test_a_simulated_reviewer_knows_only_what_was_planted(labelled, tmp_path):
    ended = labelled.validate("simulate", "sentiment", "--truth", tmp_path / "gone.parquet")
    assert ended.code == 2
    assert "no truth can be read here" in ended.err
    other = tmp_path / "other.parquet"
    duckdb.sql("select 'zendesk:1' as conversation_id, 'neutral' as sentiment").write_parquet(
        str(other)
    )
    ended = labelled.validate("simulate", "sentiment", "--n", 5, "--truth", other)
    assert "and 4 more: name the truth of the export this build was made from." in ended.err


def test_a_reviewer_who_labelled_nothing_is_not_reported_as_none(judged):
    ended = judged.validate("report", "sentiment", "--reviewer", "zoe")
    assert ended.code == 2
    assert "zoe labelled nothing of sentiment by lexicon 1.0.0." in ended.err
