"""Comments that name no ticket, as the API answers them, and the audits that tell whose they are."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from export_world import World

AT = "2026-01-01T00:00:00Z"
COMMENTS = json.dumps(
    {
        "comments": [
            {"id": 11, "audit_id": 7, "public": True, "body": "whose?"},
            {"id": 12, "audit_id": 8, "public": True, "body": "nobody's"},
            {"id": 13, "ticket_id": 5, "audit_id": 7, "public": True, "body": "its own"},
        ]
    }
)
AUDITS = json.dumps({"audits": [{"id": 7, "ticket_id": 4711, "created_at": AT, "events": []}]})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def test_a_comment_belongs_to_the_ticket_its_audit_names_whatever_the_files_are_called(
    world: World,
) -> None:
    world.put("zendesk/comments.json", COMMENTS)
    world.put("zendesk/ticket_audits.json", AUDITS)
    world.load()
    world.assert_everything_counted()
    assert world.rows("select id, ticket_id from raw.zendesk_comments order by id") == [
        ("11", 4711),
        ("13", 5),
    ]
    ((position, reason),) = world.rows("select position, reason from raw.quarantine")
    assert position == 2
    assert reason.startswith("has no ticket_id, and no audit received before")


def test_the_same_comment_again_is_a_duplicate_although_it_was_given_a_ticket(world: World) -> None:
    world.put("zendesk/comments-1.json", COMMENTS)
    world.put("zendesk/ticket_audits.json", AUDITS)
    world.load()
    again = world.load_one("zendesk/comments-2.json", COMMENTS + "\n")
    assert (again.kept, again.duplicates, again.quarantined) == (0, 2, 1)


def test_audits_of_another_source_name_no_ticket(world: World) -> None:
    world.put("zendesk/ticket_audits.json", AUDITS)
    world.declared = [
        *world.declared,
        *(one.model_copy(update={"source": "other"}) for one in world.declared if one.source == "zendesk"),
    ]  # fmt: skip
    world.put("other/ticket_audits.json", AUDITS.replace("4711", "9"))
    world.put("zendesk/comments.json", COMMENTS)
    world.load()
    assert world.rows("select ticket_id from raw.zendesk_comments where id = '11'") == [(4711,)]


def test_a_work_database_of_before_gets_the_wider_structure(world: World) -> None:
    narrow = "struct(type varchar, field_name varchar, previous_value json, value json)[]"
    declared = world.declared
    world.declared = [
        one.model_copy(update={"columns": {**one.columns, "events": narrow}})
        if one.table == "audits"
        else one
        for one in declared
    ]
    world.load_one("zendesk/audits-1.json", AUDITS)
    world.declared = declared
    said = AUDITS.replace('"events": []', '"events": [{"type": "Comment", "body": "hello"}]')
    world.load_one("zendesk/audits-2.json", said)
    assert world.rows("select events[1].body from raw.zendesk_audits order by export_seq") == [
        (None,),
        ("hello",),
    ]
