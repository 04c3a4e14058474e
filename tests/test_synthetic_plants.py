"""Planted events: each does what its name says, is written down, and changes nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest

from orchestration.synthetic import PLANTS, generate

CONVERSATIONS = 4_000
SEED = 21


def made(folder: Path, *plants: str) -> duckdb.DuckDBPyConnection:
    """Generate a planted world; its tickets, truth and expected counts as views."""
    generate(folder, CONVERSATIONS, SEED, plants)
    connection = duckdb.connect()
    connection.execute("set timezone = 'UTC'")
    connection.execute(
        "create table tickets as select ticket.*, concat('zendesk:', ticket.id) as conversation_id"
        f" from read_json('{folder}/zendesk/tickets*.ndjson',"
        " format='newline_delimited', columns={"
        "ticket: 'struct(id bigint, created_at timestamp, group_id bigint, tags varchar[],"
        " priority varchar, custom_fields json, description varchar)'})"
    )
    connection.execute(f"create view truth as from '{folder}/truth.parquet'")
    connection.execute(f"create view expected as from '{folder}/zendesk/expected.csv'")
    return connection


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    return made(tmp_path_factory.mktemp("plain") / "world")


def test_a_missing_queue_day_is_expected_and_true_but_in_no_file(tmp_path: Path):
    world = made(tmp_path / "world", "missing_queue_day:Billing:2026-09-15")
    missing = rows(
        world,
        "select conversation_id from truth where list_contains(planted, 'missing_queue_day')",
    )
    assert missing
    stated = rows(
        world, "select expected from expected where day = '2026-09-15' and slice = 'Billing'"
    )
    assert stated == [(len(missing),)]
    lost = rows(
        world, "select conversation_id from truth anti join tickets using (conversation_id)"
    )
    assert sorted(lost) == sorted(missing)
    audits = (tmp_path / "world/zendesk/ticket_audits-0001.ndjson").read_text()
    for (conversation_id,) in missing:
        assert f'"ticket_id":{conversation_id.removeprefix("zendesk:")},' not in audits


def test_a_renamed_tag_is_unknown_in_the_last_four_weeks_and_itself_before(
    tmp_path: Path, plain: duckdb.DuckDBPyConnection
):
    world = made(tmp_path / "world", "renamed_tag:WISMO")
    used = """
        select tag, min(created_at::date) < '2026-09-03', max(created_at::date) >= '2026-09-03',
            count(*)
        from (select created_at, unnest(tags) as tag from tickets)
        where tag in ('WISMO', 'intake_v2_k7') group by all order by 1
    """
    before = rows(plain, used)[0][3]
    (old, old_early, old_late, old_count), (new, new_early, new_late, new_count) = rows(world, used)
    assert (new, new_early, new_late) == ("intake_v2_k7", False, True)
    assert (old, old_early, old_late) == ("WISMO", True, False)
    assert new_count + old_count == before


@pytest.mark.parametrize("field", ["priority", "order_value"])
def test_a_changed_field_has_other_values_from_its_day_on(tmp_path: Path, field: str):
    world = made(tmp_path / "world", f"changed_field:{field}:2026-06-01")
    seen = {
        "priority": "list_sort(list(distinct priority) filter (priority is not null))",
        "order_value": "list(distinct json_type(custom_fields, '$[2].value'))",
    }[field]
    early, late = (
        rows(world, f"select {seen} from tickets where created_at {when} timestamp '2026-06-01'")
        for when in ("<", ">=")
    )
    assert early != late
    assert (early, late) == {
        "priority": ([(["high", "low", "normal", "urgent"],)], [(["P1", "P2", "P3", "P4"],)]),
        "order_value": ([(["DOUBLE"],)], [(["VARCHAR"],)]),
    }[field]


def test_a_driver_spike_triples_one_driver_for_a_week_and_no_other(tmp_path: Path):
    world = made(tmp_path / "world", "driver_spike:billing_payments:2026-06-01")
    by_week = """
        select true_driver = 'billing_payments',
            count(*) filter (created_at::date between '2026-06-01' and '2026-06-07') as spiked,
            -- three weeks before and three after
            count(*) filter (
                created_at::date not between '2026-06-01' and '2026-06-07'
            ) / 6 as usual
        from truth
        inner join (select distinct conversation_id, created_at from tickets)
            using (conversation_id)
        where created_at::date between '2026-05-11' and '2026-06-28'
        group by all order by 1
    """
    (_, others, others_usual), (_, spiked, usual) = rows(world, by_week)
    assert 2 * usual < spiked < 4 * usual
    assert 0.7 * others_usual < others < 1.3 * others_usual
    planted = "select count(*) from truth where list_contains(planted, 'driver_spike')"
    assert rows(world, planted) == [(spiked,)]


def test_label_flips_turn_the_given_share_of_the_truth_and_no_text(
    tmp_path: Path, plain: duckdb.DuckDBPyConnection
):
    world = made(tmp_path / "world", "label_flips:0.1")
    labels = {row[0]: row[1:] for row in rows(plain, _LABELS)}
    flipped = {row[0]: row[1:] for row in rows(world, _LABELS)}
    differing = {key for key in labels if labels[key][:4] != flipped[key][:4]}
    marked = {key for key in flipped if flipped[key][4] == ["label_flips"]}
    assert differing == marked
    kept = [key for key in marked if any(map(str.__eq__, labels[key][:4], flipped[key][:4]))]
    assert kept == []
    assert 0.07 < len(differing) / CONVERSATIONS < 0.13
    texts = "select bit_xor(hash(id, description)) from tickets"
    assert rows(world, texts) == rows(plain, texts)


_LABELS = "select conversation_id, sentiment, churn, effort, outcome, planted from truth"


def test_what_was_planted_is_written_beside_the_truth(tmp_path: Path):
    plants = ["missing_queue_day", "label_flips:0.2"]
    generate(tmp_path / "world", 200, 1, plants)
    listed = json.loads((tmp_path / "world/planted.json").read_text())
    assert listed == [
        {
            "name": "missing_queue_day",
            "missing_queue": "Orders & Logistics",
            "missing_day": "2026-09-15",
        },
        {"name": "label_flips", "flip_share": 0.2},
    ]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("drought", r"no plant is called 'drought'\. Known are: missing_queue_day"),
        ("driver_spike", r"write driver_spike:DRIVER:DATE"),
        ("driver_spike:weather:2026-06-01", r"'weather' is not a driver; known are billing_"),
        ("driver_spike:billing_payments:soon", r"write driver_spike:DRIVER:DATE .*soon"),
        ("label_flips:3", r"3 is not a share between 0 and 1"),
        ("missing_queue_day:Nowhere", r"'Nowhere' is not a queue"),
        ("renamed_tag:refnud", r"'refnud' is not a spelling"),
        ("changed_field:mood", r"'mood' is neither priority nor order_value"),
    ],
)
def test_a_plant_written_wrongly_is_answered_with_how_to_write_it(
    tmp_path: Path, written: str, sentence: str
):
    with pytest.raises(ValueError, match=sentence):
        generate(tmp_path / "world", 10, 1, [written])
    assert not (tmp_path / "world").exists()


def test_every_plant_is_listed_by_the_name_it_is_asked_for():
    for name, form in PLANTS.items():
        assert form.startswith(name)


def test_broken_records_are_two_lines_of_the_tickets_and_no_other_byte(tmp_path: Path):
    generate(tmp_path / "plain", 400, SEED)
    generate(tmp_path / "broken", 400, SEED, ["broken_record"], files=2)
    whole = (tmp_path / "plain/zendesk/tickets-0001.ndjson").read_text().splitlines()
    damaged = [
        line
        for file in sorted((tmp_path / "broken/zendesk").glob("tickets-*.ndjson"))
        for line in file.read_text().splitlines()
    ]
    (cut, nameless) = [
        (before, after) for before, after in zip(whole, damaged, strict=True) if before != after
    ]
    assert cut[0].startswith(cut[1])
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut[1])
    was, is_now = json.loads(nameless[0])["ticket"], json.loads(nameless[1])["ticket"]
    assert was == {"id": was["id"], **is_now}
    assert "id" not in is_now
    (listed,) = json.loads((tmp_path / "broken/planted.json").read_text())
    assert listed["broken"] == [
        f"zendesk:{json.loads(before)['ticket']['id']}" for before, _ in (cut, nameless)
    ]
    marked = duckdb.sql(
        f"select conversation_id from '{tmp_path}/broken/truth.parquet'"
        " where list_contains(planted, 'broken_record') order by 1"
    ).fetchall()
    assert [one for (one,) in marked] == sorted(listed["broken"])
