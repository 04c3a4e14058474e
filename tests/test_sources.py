"""Several help desks side by side: whose each record is, what is missing of it, and what is public."""

from __future__ import annotations

import json
from typing import Any

import pytest
from running import Built, assay

pytestmark = pytest.mark.worlds

SITE = "https://x.zendesk.com/api/v2/tickets.json"


ALONE = {"next_page": None, "previous_page": None}
"""What a page says that is the only one."""


def ticket(number: int, at: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": number, "created_at": at, "updated_at": at, "status": "open", "requester_id": 5,
        "organization_id": 7, "description": f"refund {number}", **fields,
    }  # fmt: skip


def page(number: int, *tickets: dict[str, Any]) -> dict[str, Any]:
    before, after = (
        f"{SITE}?page={one}" if 0 < one < 4 else None for one in (number - 1, number + 1)
    )
    return {"tickets": tickets, "count": 6, "next_page": after, "previous_page": before}


def comment(number: int, public: bool, body: str) -> dict[str, Any]:
    return {"type": "Comment", "id": number, "public": public, "body": body}


# fmt: off
EXPORTS: dict[str, Any] = {
    "zendesk/api/tickets-1.json": page(
        1, ticket(1, "2026-03-02T10:00:00Z"), ticket(2, "2026-03-02T11:00:00Z")),
    "zendesk/api/tickets-3.json": page(
        3, ticket(3, "2026-03-12T10:00:00Z"), ticket(4, "2099-01-01T10:00:00Z")),
    "zendesk/comments.json": {"comments": [
        {"id": 11, "audit_id": 71, "author_id": 5, "public": True, "body": "it is [gone]",
         "created_at": "2026-03-02T10:00:00Z"},
    ]},
    "zendesk/ticket_audits.json": {**ALONE, "count": 2, "audits": [
        {"id": 71, "ticket_id": 1, "author_id": 5, "created_at": "2026-03-02T10:00:00Z",
         "events": [comment(11, True, "it is a secret")]},
        {"id": 72, "ticket_id": 1, "author_id": 9, "created_at": "2026-03-02T12:00:00Z",
         "events": [comment(12, True, "we look into it"), comment(13, False, "he is lying")]},
    ]},
    "zendesk/users.json": {**ALONE, "count": 1, "users": [{"id": 9, "role": "agent"}]},
    "zendesk/admin.csv":
        "Id,Created at,Group,Organization\n"
        "1.0,2026-03-02 10:00:00,From CSV,7\n9,2026-03-03 10:00:00,From CSV,7\n",
    "intercom/conversations.json": {"total_count": 1, "pages": {"page": 1, "next": None}, "conversations": [
        {"id": 4711.0, "created_at": 1772532000, "updated_at": 1772532000, "state": "open",
         "source": {"body": "hello", "author": {"type": "user", "id": "u"}},
         "conversation_parts": {"conversation_parts": [
             {"part_type": "summary", "body": "seems angry", "author": {"type": "bot"}, "created_at": 1772532100},
             {"part_type": "close", "body": "bye", "author": {"type": "admin"}, "created_at": 1772532200}]}},
    ]},
    "freshdesk/tickets.csv":
        "Ticket ID,Created time,Company Name\n1,2026-03-02 10:00,7\n5E+17,2026-03-04 10:00,7\n",
    "freshdesk/expected.csv":
        "day,slice_kind,slice,expected\n"
        "2026-03-02,,,1\n2026-03-02,queue,Nobody's,1\n2026-03-02,brand,Acme,1\n",
    "billing/accounts.csv": "account_id,organization_id,segment\na1,7,enterprise\n",
}
# fmt: on


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Zendesk by pages, one missing, and by CSV; Intercom; Freshdesk; accounts of Zendesk's organizations."""
    exports, data = tmp_path_factory.mktemp("desks"), tmp_path_factory.mktemp("desks_data")
    for name, content in EXPORTS.items():
        path = exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))
    ended = assay("run", "--exports", exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, exports, ended)


def test_a_missing_page_is_a_breach_and_named_in_the_scorecard(desks):
    ((detail,),) = desks.rows(
        "select detail from marts.breaches where suite = 'stated_counts_zendesk'"
    )
    assert detail == (
        "zendesk, tickets in zendesk/api (/api/v2/tickets.json): stated 6, received 4 in 2 pages; "
        "of those between, 1 missing."
    )  # fmt: skip
    assert "records are missing" in desks.ended.out
    stated = dict(desks.rows("select source || ' ' || table_name, stated_count from marts.exports"))
    assert stated["zendesk tickets"] == 6
    assert stated["intercom conversations"] == 1
    assert stated["freshdesk tickets"] is None


def test_what_states_no_count_is_not_measured(desks):
    assert desks.rows(
        "select stated, received, received_share from marts.stated_counts where table_name = 'comments'"
    ) == [(None, 1, None)]


def test_a_comment_is_one_message_wherever_it_was_told_of_and_notes_are_none(desks):
    assert desks.rows(
        "select message_no, author_role, body from marts.fct_messages"
        " where conversation_id = 'zendesk:1' order by message_no"
    ) == [(1, "customer", "it is [gone]"), (2, "agent", "we look into it")]


def test_only_what_intercom_shows_the_customer_is_public(desks):
    assert desks.rows(
        "select body from marts.fct_messages where conversation_id = 'intercom:4711' order by message_no"
    ) == [("hello",), ("bye",)]


def test_a_ticket_in_json_and_csv_is_one_and_the_json_stands(desks):
    assert desks.rows(
        "select source_id, queue from marts.fct_conversations where source_id in ('1', '9')"
        " and source = 'zendesk' order by source_id"
    ) == [("1", "unassigned"), ("9", "From CSV")]


def test_an_account_is_joined_to_the_organization_of_its_own_help_desk(desks):
    """
    Company 7 of Freshdesk and the name 7 in the admin CSV are not Zendesk's organization 7.
    """
    assert desks.rows(
        "select source, source_id, segment from marts.fct_conversations"
        " where source_id in ('1', '9') order by all"
    ) == [
        ("freshdesk", "1", "unknown"),
        ("zendesk", "1", "enterprise"),
        ("zendesk", "9", "unknown"),
    ]


def test_a_ticket_dated_2099_completes_nothing(desks):
    complete = desks.rows(
        "select distinct period_start::varchar from marts.rollup_drivers"
        " where cadence = 'day' and is_complete order by all"
    )
    # intercom and freshdesk have sent nothing since 2 and 3 March, and are waited for
    assert complete == []


def test_a_day_of_which_all_was_refused_and_a_queue_nobody_knows_are_rows(desks):
    rows = desks.rows(
        "select day::varchar, slice_kind, slice, expected, loaded, quarantined from marts.coverage"
        " where source = 'freshdesk' and slice_kind in ('', 'queue', 'brand') and slice != 'unassigned'"
        " order by all"
    )
    assert rows == [
        ("2026-03-02", "", "", 1, 1, 0),
        ("2026-03-02", "queue", "Nobody's", 1, 0, None),
        ("2026-03-04", "", "", None, 0, 1),
    ]
