"""A product renamed from one day to the next is found and named; once mapped, driver totals know nothing of it."""

from __future__ import annotations

import csv

import pytest
from running import SHARED_DATA, Built, assay
from test_taxonomy_continuity import Taxonomy

BEFORE = "Credit reporting, credit repair services, or other personal consumer reports"
AFTER = "Credit reporting or other personal consumer reports"


@pytest.fixture(scope="module")
def complaints(tmp_path_factory) -> Built:
    """The bureau's complaints of 2023 as two exports, until 24 August and from 25 August."""
    if not (file := SHARED_DATA / "cfpb" / "complaints_2023_truncated.csv").exists():
        # real data lie beside the checkout and are never copied into it
        pytest.skip(f"the real export is not beside this checkout ({file})")
    exports = tmp_path_factory.mktemp("renamed")
    (exports / "cfpb").mkdir()
    with file.open(encoding="utf-8", newline="") as text:
        header, *records = csv.reader(text)
    day = header.index("Date received")
    for name, is_later in (("until_2023_08_24", False), ("from_2023_08_25", True)):
        with (exports / "cfpb" / f"{name}.csv").open("w", encoding="utf-8", newline="") as text:
            rows = [row for row in records if (row[day] >= "2023-08-25") == is_later]
            csv.writer(text).writerows([header, *rows])
    data = tmp_path_factory.mktemp("renamed_data")
    ended = assay("run", "--exports", exports, data=data)
    assert ended.code == 0, ended.out + ended.err
    return Built(data, exports, ended)


@pytest.mark.worlds
def test_the_renamed_product_is_found_and_named(complaints):
    """The bureau reworded an issue on the same day; nothing else is taken for a rename."""
    found = complaints.rows(
        "select previous_tag, raw_tag, last_on::varchar, first_on::varchar from marts.renamed_tags"
        " order by share desc"
    )
    assert found == [
        (BEFORE, AFTER, "2023-08-24", "2023-08-25"),
        (
            "Problem with a credit reporting company's investigation into an existing problem",
            "Problem with a company's investigation into an existing problem",
            "2023-08-24",
            "2023-08-25",
        ),
    ]
    told = complaints.rows(
        "select detail, severity from marts.breaches where suite = 'renamed_tags'"
    )
    assert len(told) == 2
    detail, severity = told[0]
    assert BEFORE in detail
    assert AFTER in detail
    assert severity == "warning"


@pytest.mark.worlds
def test_driver_totals_do_not_move_once_both_names_share_a_canonical_tag(complaints, copy_of):
    """The totals of every day and driver are as if the product had never been renamed."""
    taxonomy = Taxonomy(copy_of(complaints))
    normalised = dict(
        taxonomy.rows(
            "select raw_tag, normalised_tag from taxonomy.raw_tags where raw_tag in (?, ?)",
            BEFORE,
            AFTER,
        )
    )
    lead(taxonomy, normalised[BEFORE])
    lost = taxonomy.rebuild()
    lead(taxonomy, normalised[AFTER])
    mapped = taxonomy.rebuild()
    taxonomy.rows(
        "update core.conversations set tags ="
        " list_transform(tags, lambda tag: case when tag = ? then ? else tag end)",
        AFTER,
        BEFORE,
    )
    never_renamed = taxonomy.rebuild()
    taxonomy.connection.close()
    assert mapped == never_renamed
    assert lost != never_renamed


def lead(taxonomy: Taxonomy, normalised: str) -> None:
    """Lead a product to the canonical tag of credit reports."""
    taxonomy.rows(
        "insert into taxonomy.raw_tag_map by name select ? as raw_tag, 'credit_report_error' as canonical_tag,"
        " 'manual' as method, date '1970-01-01' as valid_from",
        normalised,
    )


@pytest.mark.worlds
def test_a_few_late_and_early_names_do_not_hide_the_renamed_product(complaints, copy_of):
    """One in a hundred is filed under the new name before, one in forty under the old one after."""
    taxonomy = Taxonomy(copy_of(complaints))
    compiled = complaints.data / "dbt" / "compiled" / "assay" / "models" / "marts"
    taxonomy.models["renamed_tags"] = (compiled / "renamed_tags.sql").read_text()
    for held, instead, side, one_in in ((BEFORE, AFTER, "<", 100), (AFTER, BEFORE, ">=", 40)):
        taxonomy.rows(
            "update core.conversations set tags ="
            " list_transform(tags, lambda tag: case when tag = ? then ? else tag end)"
            f" where opened_on {side} date '2023-08-25' and hash(conversation_id) % {one_in} = 1",
            held,
            instead,
        )
    taxonomy.rebuild()
    found = taxonomy.rows(
        "select previous_tag, raw_tag, last_on::varchar, first_on::varchar,"
        " previous_stragglers > 0 and stragglers > 0 from candidate.marts.renamed_tags order by share desc"
    )
    taxonomy.connection.close()
    assert len(found) == 2
    assert found[0] == (BEFORE, AFTER, "2023-08-24", "2023-08-25", True)
