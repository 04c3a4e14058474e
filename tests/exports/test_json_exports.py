"""JSON exports: the shapes they come in, and what happens to records that cannot be read."""

import gzip
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_world import DECLARED, World
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

AT = "2026-01-01T00:00:00Z"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay") as made:
        yield made


def ticket(number: Any, **fields: Any) -> dict[str, Any]:
    return {"id": number, "created_at": AT, "updated_at": AT, "status": "open", **fields}


def wrapped(*tickets: dict[str, Any]) -> str:
    return "".join(json.dumps({"ticket": one}) + "\n" for one in tickets)


def shaped(shape: str, texts: list[str]) -> str:
    """Records, given as JSON text, in one of the shapes a Zendesk export has."""
    match shape:
        case "wrapped NDJSON":
            return "".join(f'{{"ticket": {text}}}\n' for text in texts)
        case "bare NDJSON":
            return "".join(text + "\n" for text in texts)
        case "page":
            return '{"tickets": [' + ",\n ".join(texts) + '], "next_page": null}'
        case "pages":
            return "\n".join(f'{{"tickets": [{text}], "count": 9}}' for text in texts)
        case "pages without line ends":
            return "".join(f'{{"count": 9, "tickets": [{text}]}}' for text in texts)
        case "array of pages":
            return "[" + ",".join(f'{{"tickets": [{text}]}}' for text in texts) + "]"
        case "array":
            return "[\n" + ",\n".join(texts) + "\n]"
        case "array of wrapped":
            return "[" + ",".join(f'{{"ticket": {text}}}' for text in texts) + "]"
        case "indented objects":
            return "\n".join(json.dumps({"ticket": json.loads(text)}, indent=2) for text in texts)
    raise AssertionError(shape)


SHAPES = [
    "wrapped NDJSON",
    "bare NDJSON",
    "page",
    "pages",
    "pages without line ends",
    "array of pages",
    "array",
    "array of wrapped",
    "indented objects",
]


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_gives_the_same_records_in_the_same_order(
    world: World, shape: str, packed: bool
) -> None:
    tickets = [ticket(number, tags=["a", "b"], subject=f"ü {number}") for number in (3, 1, 2)]
    content = shaped(shape, [json.dumps(one) for one in tickets]).encode()
    name = "zendesk/tickets.json" + (".gz" if packed else "")
    report = world.load_one(name, gzip.compress(content) if packed else content)
    assert (report.status, report.seen, report.kept) == ("loaded", 3, 3)
    assert world.rows(
        "select position, id, subject, tags from raw.zendesk_tickets order by position"
    ) == [(1, "3", "ü 3", ["a", "b"]), (2, "1", "ü 1", ["a", "b"]), (3, "2", "ü 2", ["a", "b"])]


def test_the_same_ticket_in_another_shape_is_an_exact_duplicate(world: World) -> None:
    world.load_one("zendesk/tickets-1.json", wrapped(ticket(1)))
    report = world.load_one("zendesk/tickets-2.json", json.dumps({"tickets": [ticket(1)]}))
    assert (report.kept, report.duplicates) == (0, 1)


# Every kind of record a file may mix; the text is what stands in the file.
GOOD = st.builds(
    lambda number, words, label: json.dumps(
        ticket(number, subject=words, labels=[label]), ensure_ascii=False
    ),
    st.integers(1, 6),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
    st.none() | st.booleans(),
)
WRONG_TYPE = st.sampled_from(
    [
        json.dumps(ticket(1, tags="a b")),
        json.dumps(ticket(2, requester_id="nobody")),
        json.dumps(ticket(3, created_at="03/04/2026")),
        json.dumps(ticket(4, comments=[{"id": 1, "created_at": "yesterday"}])),
        json.dumps(ticket(5, via={"source": "mail"})),
    ]
)
BAD_ID = st.sampled_from(
    [json.dumps(ticket(5.70306e17)), json.dumps(ticket(None)), json.dumps(ticket("a-1"))]
)
SURROGATE = st.just('{"id": 1, "created_at": null, "updated_at": null, "subject": "\\ud800"}')
MALFORMED = st.sampled_from(['{"id": 1, "subj', '{"id": 7}}', "{'id': 1}", '{"id": 1 "x": 2}'])
TICKETS = [one for one in DECLARED if (one.source, one.table) == ("zendesk", "tickets")]
FIRST = json.dumps(ticket(9, url=None, description=None, subject=None, tags=[], priority=None))


@pytest.mark.parametrize("shape", SHAPES)
def test_whatever_a_file_mixes_each_record_is_kept_repeated_or_quarantined(shape: str) -> None:
    """
    Lines may be malformed; inside a list a malformed record would make the list malformed.
    """
    is_by_line = shape in ("wrapped NDJSON", "bare NDJSON")
    kinds = GOOD | WRONG_TYPE | BAD_ID
    kinds = kinds | (SURROGATE | MALFORMED if is_by_line else SURROGATE)
    kinds = GOOD | WRONG_TYPE | BAD_ID if shape == "indented objects" else kinds

    # Shrinking loads files for minutes; the examples are small as they are.
    @settings(max_examples=6, deadline=None, database=None, phases=[Phase.generate])
    @given(st.lists(kinds, max_size=8))
    def check(texts: list[str]) -> None:
        texts = [FIRST, *texts]
        with tempfile.TemporaryDirectory() as folder:
            world = World(Path(folder) / "assay", TICKETS)
            report = world.load_one("zendesk/tickets-1.json", shaped(shape, texts))
            assert report.status == "loaded", report.reason
            assert report.seen == len(texts)
            world.assert_everything_counted()
            found = {
                one.position: one.text
                for number in range(1, 10)
                for one in world.raw(f"zendesk:{number}")
            }
            for position, text in found.items():
                assert _opened(text) == json.loads(texts[position - 1])
                if shape not in ("indented objects",):
                    assert texts[position - 1] in text
            refused = {row[0] for row in world.rows("select position from raw.quarantine")}
            assert refused | found.keys() == set(range(1, len(texts) + 1))
            assert not refused & found.keys()
            world.close()

    check()


def _opened(text: str) -> Any:
    value = json.loads(text)
    return value.get("ticket", value)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"ticket": {"id": 2, "subject": "cut', "is not JSON at its character 33"),
        ('{"ticket": {"id": 2, "subject": "\\ud800"}}', "holds a lone surrogate"),
        ('{"ticket": {"id": 2, "subject": "a\0b"}}', "holds a NUL byte at its character 35"),
        ('{"ticket": {"id": 2, "tags": "a b"}}', "tags does not fit its declared type varchar[]"),
        (
            '{"ticket": {"id": 2, "group_id": "x"}}',
            "group_id does not fit its declared type bigint",
        ),
        ('{"ticket": {"id": 2, "id": 3}}', "has the same key twice"),
        ('{"ticket": {"id": 5.70306E+17}}', "a number shortened by a spreadsheet"),
        ('{"ticket": {"id": 18446744073709551621}}', "no whole number below 2^63"),
        ('{"ticket": {"id": "eve@example.org"}}', "an address or control characters in its id"),
        ('{"ticket": {"id": null}}', "has no id"),
        ('{"user": {"id": 2}}', "has no id"),
        ('{"ticket": {"id": 99999999999999999999, "group_id": 99999999999999999999}}', "group_id"),
        ("[1]", "holds no ticket"),
        ('{"ticket": 5}', "holds no ticket"),
    ],
)
def test_a_bad_line_is_quarantined_with_its_text_and_the_others_are_kept(
    world: World, line: str, reason: str
) -> None:
    report = world.load_one(
        "zendesk/tickets.ndjson", wrapped(ticket(1)) + line + "\n" + wrapped(ticket(3))
    )
    assert (report.seen, report.kept, report.quarantined) == (3, 2, 1)
    found = world.rows("select position, reason, text from raw.quarantine")
    assert found[0][0] == 2
    assert reason in found[0][1]
    assert found[0][2] == line
    assert world.rows("select id, position from raw.zendesk_tickets order by all") == [
        ("1", 1),
        ("3", 3),
    ]


def test_bytes_that_are_not_utf8_cost_their_own_line_only(world: World) -> None:
    content = wrapped(ticket(1)).encode() + b'{"ticket": {"id": 2, "subject": "\xff"}}\n'
    report = world.load_one("zendesk/tickets.ndjson", content + wrapped(ticket(3)).encode())
    assert (report.kept, report.quarantined) == (2, 1)
    assert "is not UTF-8 at its byte" in world.rows("select reason from raw.quarantine")[0][0]


def test_a_cut_last_line_is_quarantined_and_the_whole_lines_are_kept(world: World) -> None:
    report = world.load_one("zendesk/tickets.ndjson", wrapped(ticket(1), ticket(2))[:-20])
    assert (report.seen, report.kept, report.quarantined) == (2, 1, 1)


def test_a_bad_first_line_does_not_hide_what_the_file_is(world: World) -> None:
    report = world.load_one("zendesk/tickets.ndjson", "oops\n" + wrapped(ticket(1), ticket(2)))
    assert (report.kept, report.quarantined) == (2, 1)


def test_blank_lines_a_byte_order_mark_and_mixed_line_ends_are_no_records(world: World) -> None:
    lines = wrapped(ticket(1), ticket(2), ticket(3)).splitlines()
    content = "\ufeff" + lines[0] + "\r\n\n" + lines[1] + "\n  \n" + lines[2]
    report = world.load_one("zendesk/tickets.ndjson", content)
    assert (report.seen, report.kept) == (3, 3)
    assert world.rows("select id, position from raw.zendesk_tickets order by all") == [
        ("1", 1),
        ("2", 2),
        ("3", 3),
    ]


@pytest.mark.parametrize(
    ("content", "byte"),
    [
        ('{"tickets": [' + json.dumps(ticket(1)) + ', {"id": 2', 102),
        ("[" + json.dumps(ticket(1)) + ",", 91),
        ("[" + json.dumps(ticket(1)), 90),
    ],
)
def test_a_truncated_list_is_refused_whole_and_the_others_still_load(
    world: World, content: str, byte: int
) -> None:
    world.put("zendesk/tickets-1.json", content)
    world.put("zendesk/tickets-2.json", wrapped(ticket(7)))
    first, second = sorted(world.load(), key=lambda one: one.file)
    assert first.status == "refused"
    assert f"ends too early at byte {len(content)}" in str(first.reason)
    assert second.status == "loaded"
    assert world.rows("select id from raw.zendesk_tickets") == [("7",)]


def test_a_malformed_list_is_refused_with_the_byte_where_it_breaks(world: World) -> None:
    report = world.load_one(
        "zendesk/tickets.json", '{"tickets": [{"id": 1}, {"id": 2 "x": 3}], "count": 2}' + " " * 99
    )
    assert report.status == "refused"
    assert "cannot be read at byte 33" in str(report.reason)


def test_a_record_of_fifty_megabytes_loads(world: World) -> None:
    big = ticket(2, description="x" * 50_000_000)
    report = world.load_one("zendesk/tickets.ndjson", wrapped(ticket(1), big, ticket(3)))
    assert (report.kept, report.quarantined) == (3, 0)
    assert world.rows("select length(description) from raw.zendesk_tickets where position = 2") == [
        (50_000_000,)
    ]


def test_a_record_beyond_the_size_limit_is_quarantined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.exports.json_text.RECORD_BYTES", 1_000)
    bad = wrapped(ticket(2, description="x" * 5_000, tags="not a list"))
    report = world.load_one("zendesk/tickets.ndjson", wrapped(ticket(1)) + bad + wrapped(ticket(3)))
    assert (report.kept, report.quarantined) == (2, 1)
    assert "is larger than" in world.rows("select reason from raw.quarantine")[0][0]


def test_many_bad_records_cost_no_more_than_their_chunk(world: World) -> None:
    tickets = [
        ticket(number, tags="x" if number % 700 == 0 else ["x"]) for number in range(1, 5_001)
    ]
    report = world.load_one("zendesk/tickets.ndjson", wrapped(*tickets))
    assert (report.seen, report.kept, report.quarantined) == (5_000, 4_993, 7)
    assert world.rows("select count(*) from raw.zendesk_tickets where position <> id::int") == [
        (0,)
    ]


def test_a_page_that_lists_several_kinds_feeds_a_table_for_each(world: World) -> None:
    page = {"users": [{"id": 10**13, "role": "agent"}], "tickets": [ticket(1), ticket(2)]}
    world.put("zendesk/tickets.json", json.dumps(page))
    reports = world.load()
    assert {(one.table, one.kept) for one in reports} == {("tickets", 2), ("users", 1)}
    assert world.rows("select id from raw.zendesk_users") == [(str(10**13),)]
    assert {one.status for one in world.load()} == {"known"}


def test_a_kind_listed_far_behind_another_in_a_page_is_not_overlooked(world: World) -> None:
    users = [{"id": number, "name": "x" * 300, "role": "agent"} for number in range(1_500)]
    page = json.dumps({"users": users, "tickets": [ticket(1)]})
    world.put("zendesk/users.json", page)
    assert {(one.table, one.kept) for one in world.load()} == {("users", 1_500), ("tickets", 1)}
    damaged = page.replace('"subject"', '"x"').replace('"status": "open"', '"status": "\\ud800"')
    world.put("zendesk/users-2.json", damaged)
    again = {one.table: one for one in world.load() if one.file.endswith("users-2.json")}
    assert (again["users"].duplicates, again["tickets"].quarantined) == (1_500, 1)


def test_a_tickets_own_comments_do_not_make_it_a_page_of_comments(world: World) -> None:
    one = ticket(1, comments=[{"id": 5, "body": "hi", "public": True}], satisfaction_rating={})
    report = world.load_one("zendesk/tickets.ndjson", json.dumps(one) + "\n")
    assert report.table == "tickets"


def test_content_wins_over_a_misleading_name(world: World) -> None:
    report = world.load_one("zendesk/tickets.json", '{"users": [{"id": 1, "role": "agent"}]}')
    assert (report.status, report.table) == ("loaded", "users")


def test_a_kind_nobody_declared_is_refused_by_name(world: World) -> None:
    report = world.load_one("zendesk/brands.json", '{"brands": [{"id": 1}]}')
    assert report.status == "refused"
    assert "the records are brands, which source zendesk does not declare" in str(report.reason)


def test_a_bare_record_that_only_resembles_a_table_is_not_guessed(world: World) -> None:
    brand = {"id": 1, "name": "n", "created_at": AT, "updated_at": AT, "subdomain": "s"}
    report = world.load_one("zendesk/brands.ndjson", json.dumps(brand) + "\n")
    assert report.status == "refused"
    assert "Name the file as declared" in str(report.reason)


def test_times_without_an_offset_are_read_in_the_declared_zone(world: World) -> None:
    world.declared = [
        one.model_copy(update={"time_zone": "America/New_York"})
        for one in world.declared
        if one.source == "zendesk"
    ]
    local, own = "2026-07-01T10:00:00", "2026-07-01T10:00:00Z"
    world.load_one("zendesk/tickets.ndjson", wrapped(ticket(1, created_at=local, updated_at=own)))
    assert world.rows(
        "select created_at::varchar, updated_at::varchar from raw.zendesk_tickets"
    ) == [("2026-07-01 14:00:00+00", "2026-07-01 10:00:00+00")]


def test_fields_named_like_the_loaders_columns_are_stored_under_their_records_name(
    world: World,
) -> None:
    world.load_one("zendesk/sla_policies.json", '{"sla_policies": [{"id": 1, "position": 4}]}')
    assert world.rows("select position, sla_policy_position from raw.zendesk_sla_policies") == [
        (1, 4)
    ]


def test_positions_and_repeats_hold_beyond_one_row_group(world: World) -> None:
    """
    DuckDB writes rows in groups of 122,880; order and repeats must hold across them.
    """
    path = world.put("zendesk/tickets.ndjson", "")
    world.rows(
        "copy (select {'id': case when i % 50000 = 49999 then i - 1 else i end + 1,"
        " 'created_at': '2026-01-01T00:00:00Z'} as ticket "
        f"from range(150000) t(i)) to '{path}' (format json)"
    )
    report = world.load()[0]
    assert (report.seen, report.kept, report.duplicates) == (150_000, 149_997, 3)
    assert world.rows("select position from raw.duplicates order by all") == [
        (50_000,),
        (100_000,),
        (150_000,),
    ]
    assert world.rows("select count(*) from raw.zendesk_tickets where position <> id::int") == [
        (0,)
    ]


def test_a_record_that_says_nothing_of_when_or_whose_is_quarantined_with_the_reason(
    world: World,
) -> None:
    tickets = (
        '{"id": 1, "created_at": null}\n{"id": 2, "created_at": "9999-12-31T00:00:00Z"}\n'
        '{"id": 3, "created_at": "2026-01-01T00:00:00Z"}\n'
    )
    assert world.load_one("zendesk/tickets.ndjson", tickets).kept == 1
    comments = '{"comments": [{"id": 7, "body": "whose?", "audit_id": 8}]}'
    assert world.load_one("zendesk/ticket_comments.json", comments).kept == 0
    reasons = {reason for (reason,) in world.rows("select reason from raw.quarantine")}
    assert "has no created_at" in reasons
    assert any("add ticket_id to each comment" in reason for reason in reasons)
    assert any("9999" in reason for reason in reasons)
