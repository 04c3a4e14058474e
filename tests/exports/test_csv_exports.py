"""CSV exports: roles, times, and what happens to records that cannot be read."""

import csv
import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from export_world import World
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.exports import ExportDeclaration

DESK = ExportDeclaration(
    source="desk",
    table="tickets",
    identifier="csv_conversations",
    format="csv",
    record="conversation",
    files="*.csv",
    time_zone="Europe/Berlin",
    time_formats=("%Y-%m-%d %H:%M:%S", "%Y-%m-%d", "%d.%m.%Y"),
    nulls=("N/A", "?"),
    roles={
        "id": "Ticket ID",
        "opened_at": ("Created", "Created at"),
        "text": "Body",
        "tags": {"columns": ["Labels", "Category"], "separator": ","},  # type: ignore[dict-item]
        "reopens": "Reopens",
        "sla_met": "SLA",
    },
)
HEADER = "Ticket ID,Created,Body,Labels,Category,Reopens,SLA\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "assay", [DESK]) as made:
        yield made


def with_declaration(world: World, **changes: Any) -> None:
    world.declared = [DESK.model_copy(update=changes)]


def test_each_role_is_read_as_its_type(world: World) -> None:
    report = world.load_one(
        "desk/a.csv",
        HEADER
        + '7,2026-07-01 10:00:00,"say ""hi""\nagain","a, b",Billing,2,TRUE\n8,2026-01-01,N/A,,?,,\n',
    )
    assert (report.seen, report.kept) == (2, 2)
    assert world.rows(
        "select id, opened_at::varchar, text, tags, reopens, sla_met from raw.csv_conversations"
    ) == [
        ("7", "2026-07-01 08:00:00+00", 'say "hi"\nagain', ["a", "b", "Billing"], 2, True),
        ("8", "2025-12-31 23:00:00+00", None, [], None, None),
    ]


def test_headers_match_whatever_their_case_and_punctuation(world: World) -> None:
    report = world.load_one("desk/a.csv", "ticket_id,CREATED_AT,unknown\n1,2026-01-01,x\n")
    assert report.kept == 1


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-07-01 10:00:00", "2026-07-01 08:00:00+00"),
        ("2026-07-01T10:00:00Z", "2026-07-01 10:00:00+00"),
        ("2026-07-01 10:00:00+05:30", "2026-07-01 04:30:00+00"),
        ("2026-07-01 10:00:00 -0800", "2026-07-01 18:00:00+00"),
        ("01.07.2026", "2026-06-30 22:00:00+00"),
    ],
)
def test_a_time_that_says_its_offset_is_believed_and_others_are_local(
    world: World, written: str, read: str
) -> None:
    world.load_one("desk/a.csv", f"Ticket ID,Created\n1,{written}\n")
    assert world.rows("select opened_at::varchar from raw.csv_conversations") == [(read,)]


def test_a_date_two_formats_read_differently_is_quarantined_as_ambiguous(world: World) -> None:
    with_declaration(world, time_formats=("%m/%d/%Y", "%d/%m/%Y"))
    report = world.load_one(
        "desk/a.csv", "Ticket ID,Created\n1,03/04/2026\n2,03/25/2026\n3,04/04/2026\n"
    )
    assert (report.kept, report.quarantined) == (2, 1)
    assert (
        "Created is 03/04/2026: not a time in one reading of %m/%d/%Y, %d/%m/%Y"
        in (world.rows("select reason from raw.quarantine")[0][0])
    )


def test_without_time_formats_only_unambiguous_dates_are_read(world: World) -> None:
    with_declaration(world, time_formats=())
    report = world.load_one("desk/a.csv", "Ticket ID,Created\n1,2026-01-02\n2,03/04/2026\n")
    assert (report.kept, report.quarantined) == (1, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("5.70306E+17,2026-01-01,,,,,", "a number shortened by a spreadsheet"),
        ('"5,70306E+17",2026-01-01,,,,,', "a number shortened by a spreadsheet"),
        (",2026-01-01,,,,,", "has no id"),
        ("2,31.31.2026,,,,,", "Created is 31.31.2026: not a time"),
        ("2,2026-01-01,,,,many,", "Reopens is many: not a bigint"),
        ("2,2026-01-01,,,,2.5,", "Reopens is 2.5: not a bigint"),
        ("2,2026-01-01,,,,many,perhaps", "Reopens is many: not a bigint; SLA is perhaps"),
        ("2,2026-01-01,,,,,,,x", "has 9 columns, but the header 7"),
        ("2,2026-01-01", "has 2 columns, but the header 7"),
        ('2,2026-01-01,"a"b,,,,', "is not CSV"),
        ("2,2026-01-01,a\0b,,,,", "holds a NUL byte"),
    ],
)
def test_a_bad_record_is_quarantined_with_its_text_and_the_others_are_kept(
    world: World, line: str, reason: str
) -> None:
    report = world.load_one(
        "desk/a.csv", f'{HEADER}1,2026-01-01,"x\ny",,,,\n{line}\n3,2026-01-01,,,,,\n'
    )
    assert (report.seen, report.kept, report.quarantined) == (3, 2, 1)
    found = world.rows("select position, reason, text from raw.quarantine")
    assert found[0][0] == 2
    assert reason in found[0][1]
    assert found[0][2] == line
    assert world.rows("select position, id from raw.csv_conversations order by all") == [
        (1, "1"),
        (3, "3"),
    ]
    assert [one.text for one in world.raw("desk:3")] == ["3,2026-01-01,,,,,"]


def test_bytes_that_are_not_utf8_cost_their_own_record_only(world: World) -> None:
    report = world.load_one(
        "desk/a.csv", HEADER.encode() + b"1,2026-01-01,\xff\xfe,,,,\n2,2026-01-01,\xc3\xbc,,,,\n"
    )
    assert (report.kept, report.quarantined) == (1, 1)
    assert world.rows("select reason from raw.quarantine") == [("is not UTF-8",)]
    assert world.rows("select text from raw.csv_conversations") == [("ü",)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_of_any_kind_and_a_byte_order_mark_are_read(world: World, end: str) -> None:
    content = "\ufeffTicket ID,Created\n1,2026-01-01\n2,2026-01-02\n".replace("\n", end)
    report = world.load_one("desk/a.csv", content)
    assert (report.seen, report.kept) == (2, 2)


def test_mixed_line_ends_and_blank_lines_are_read(world: World) -> None:
    content = 'Ticket ID,Created\r\n1,2026-01-01\n\n2,2026-01-02\r\n3,"2026-01-02"\n'
    report = world.load_one("desk/a.csv", content)
    assert (report.seen, report.kept) == (3, 3)


@pytest.mark.parametrize("also", ["", "\0,2026-01-01,,,,,\n"])
def test_empty_fields_beyond_the_header_are_none_whichever_way_the_file_is_read(
    world: World, also: str
) -> None:
    report = world.load_one("desk/a.csv", f"{HEADER}1,2026-01-01,x,,,,,,\n{also}")
    assert report.kept == 1
    assert world.rows("select id, text from raw.csv_conversations") == [("1", "x")]


def test_an_unclosed_quote_swallows_what_follows_into_quarantine_not_into_columns(
    world: World,
) -> None:
    report = world.load_one(
        "desk/a.csv", f'{HEADER}1,2026-01-01,fine,,,,\n2,2026-01-01,"cut off,,,,\n3,2026-01-01,,'
    )
    assert (report.seen, report.kept, report.quarantined) == (2, 1, 1)
    assert world.rows("select text from raw.quarantine")[0][0].startswith("2,2026-01-01")


def test_a_semicolon_file_loads_when_declared_so(world: World) -> None:
    with_declaration(world, delimiter=";")
    assert world.load_one("desk/a.csv", "Ticket ID;Created\n1;2026-01-01\n").kept == 1


def test_equal_records_are_counted_as_duplicates_once_each(world: World) -> None:
    row = "1,2026-01-01,x,,,,\n"
    report = world.load_one("desk/a.csv", HEADER + row * 3 + "1,2026-01-01,y,,,,\n")
    assert (report.seen, report.kept, report.duplicates) == (4, 2, 2)
    assert [(one.position, one.is_duplicate) for one in world.raw("desk:1")] == [
        (1, False),
        (2, True),
        (3, True),
        (4, False),
    ]


def test_a_header_of_a_role_that_stands_twice_is_refused(world: World) -> None:
    report = world.load_one("desk/a.csv", "Ticket ID,Created,Body,body\n1,2026-01-01,a,b\n")
    assert "the header Body stands over columns 3, 4" in str(report.reason)


def test_a_missing_column_names_the_nearest_header(world: World) -> None:
    report = world.load_one("desk/a.csv", "Ticket IDs,Created\n1,2026-01-01\n")
    assert "no column is headed Ticket ID, which holds id. Did you mean Ticket IDs?" in str(
        report.reason
    )


def test_a_file_without_headers_is_told_so_and_its_first_record_is_not_quoted(world: World) -> None:
    report = world.load_one("desk/a.csv", "1,2026-01-01,Jane Doe\n2,2026-01-01,x\n")
    assert "The first line looks like a record: export it with a line of headers." in str(
        report.reason
    )
    assert "Jane" not in str(report.reason)
    report = world.load_one("desk/b.txt", "Jane Doe writes from Elm Street\n")
    assert "its first line is no header of the source" in str(report.reason)
    assert "Jane" not in str(report.reason)


def test_a_record_of_fifty_megabytes_loads(world: World) -> None:
    long = f'1,2026-01-01,"{"b" * 50_000_000}",,,,\n'
    report = world.load_one("desk/a.csv", HEADER + long + "2,2026-01-01,x,,,,\n")
    assert (report.seen, report.kept) == (2, 2)
    assert world.rows("select max(length(text)) from raw.csv_conversations") == [(50_000_000,)]


def test_a_record_beyond_the_size_limit_is_quarantined(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestration.exports.csv_records.LONGEST_LINE_BYTES", 4_000)
    long = f'1,2026-01-01,"{"b" * 5_000}",,,,\n'
    # a NUL byte, so that the file is read with care, as one with a long record is
    report = world.load_one("desk/a.csv", HEADER + long + "2,2026-01-01,x,,,,\n3,\0,,,,,\n")
    assert (report.seen, report.kept, report.quarantined) == (3, 1, 2)
    reasons = dict(world.rows("select position, reason from raw.quarantine"))
    assert reasons[1] == "is larger than 0 MB"


def test_a_quote_that_is_never_closed_is_said_to_be_one(world: World) -> None:
    report = world.load_one("desk/a.csv", HEADER + '1,2026-01-01,x,,,,\n2,2026-01-01,"x,,,,\n')
    assert (report.kept, report.quarantined) == (1, 1)
    ((reason,),) = world.rows("select reason from raw.quarantine")
    assert "a quote opened in it is never closed" in reason


def test_an_id_that_is_an_address_is_not_published(world: World) -> None:
    world.load_one("desk/a.csv", HEADER + "eve@example.org,2026-01-01,x,,,,\n1,2026-01-01,x,,,,\n")
    ((position, reason),) = world.rows("select position, reason from raw.quarantine")
    assert position == 1
    assert "an address or control characters in its id" in reason
    assert "eve" not in reason


def test_a_wrong_delimiter_names_the_one_the_header_seems_to_use(world: World) -> None:
    report = world.load_one("desk/a.csv", "Ticket ID;Created;Body\n1;2026-01-01;x\n")
    assert "one column with the declared delimiter ','; the header seems to use ';'" in str(
        report.reason
    )


def test_a_header_and_no_record_is_refused(world: World) -> None:
    report = world.load_one("desk/a.csv", HEADER)
    assert report.status == "refused"
    assert "a header and no record" in str(report.reason)


FIELDS = st.tuples(
    st.integers(1, 4).map(str),
    st.sampled_from(["2026-01-01", "2026-02-03 04:05:06", "nonsense", "01.02.2026"]),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8),
    st.sampled_from(["", "a,b", "N/A"]),
    st.just("c"),
    st.sampled_from(["", "1", "x"]),
    st.sampled_from(["", "yes", "maybe"]),
)


def test_whatever_a_file_mixes_each_record_is_kept_repeated_or_quarantined() -> None:
    def written(fields: tuple[str, ...]) -> str:
        text = io.StringIO()
        csv.writer(text, lineterminator="", quoting=csv.QUOTE_ALL).writerow(fields)
        return text.getvalue()

    broken = st.sampled_from(["only one", "1,2026-01-01,,,,,,,,", '1,2026-01-01,"a"b,,,,'])

    @settings(max_examples=15, deadline=None, database=None, phases=[Phase.generate])
    @given(st.lists(FIELDS.map(written) | broken, min_size=1, max_size=8))
    def check(records: list[str]) -> None:
        with tempfile.TemporaryDirectory() as folder, World(Path(folder) / "a", [DESK]) as world:
            report = world.load_one("desk/a.csv", HEADER + "\n".join(records) + "\n")
            assert report.seen == len(records)
            world.assert_everything_counted()
            found = {one.position: one.text for n in range(1, 5) for one in world.raw(f"desk:{n}")}
            refused = {row[0] for row in world.rows("select position from raw.quarantine")}
            for position, text in found.items():
                assert text == records[position - 1].rstrip("\r\n")
            assert refused | found.keys() == set(range(1, len(records) + 1))
            assert not refused & found.keys()

    check()
