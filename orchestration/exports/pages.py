"""What the pages of an export say of the listing they belong to: how many records, and what follows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import duckdb

from orchestration.exports.json_text import Layout, page_values
from orchestration.exports.received import is_gzip
from orchestration.exports.record_read import CONTENT_ERRORS
from orchestration.exports.sql_text import literal

PAGE_BYTES = 64 << 20
"""A larger page is scanned instead: DuckDB holds two buffers of a page's size in memory."""

_FORMATS = {"lines": "newline_delimited", "array": "array", "objects": "unstructured"}

_PLACE = {"page", "page[after]", "page[before]", "cursor", "start_time"}
"""What tells one page of a listing from the next; the rest of its address is the listing's."""

Values = Mapping[str, Any]
"""A page's keys with their values; of a list only its length."""


@dataclass(frozen=True)
class Page:
    """
    One page, as it speaks of its listing.

    listing: the address all its pages share, without the host; empty where they give none, None
    where a page stands alone. page_no: its number in the listing, where pages are numbered.
    stated: the records of the whole listing; of this page alone where `is_stated_of_page`. Zendesk
    answers at most 10,000 records by offset whatever it states: then the rest is missing indeed.
    Its search, which answers at most 1,000 and lists them as `results`, is no export and not read.
    is_last: whether the page says that nothing follows; None where it does not say.
    """

    page: int
    listing: str | None
    page_no: int | None
    stated: int | None
    is_stated_of_page: bool
    is_last: bool | None
    records: int


def read_pages(
    connection: duckdb.DuckDBPyConnection, path: Path, layout: Layout
) -> Sequence[Values]:
    """The pages of an export, in the order of the file."""
    try:
        rows = connection.execute(
            f"""
            select list_transform(json_keys(json), lambda key: (key, case
                when json_type(json, '/' || key) = 'ARRAY'
                then json_array_length(json, '/' || key)::varchar
                else json_extract(json, '/' || key)::varchar
            end))
            from read_json_objects(
                {literal(path)}, format={literal(_FORMATS[layout.container])},
                maximum_object_size={PAGE_BYTES},
                compression={literal("gzip" if is_gzip(path) else "none")}
            )
            """
        ).fetchall()
    except CONTENT_ERRORS:
        return page_values(path, layout)
    return [{key: json.loads(value or "null") for key, value in row[0] or ()} for row in rows]


def pages_of(values: Sequence[Values], key: str, is_only_list: bool) -> list[Page]:
    """
    What the pages say of the records they list under `key`.

    Of lists that a page holds beside its own (sideloads) nothing is said: the address tells which
    is its own, and where there is none, only a page with one list is understood.
    """
    return [
        _page(number, page, page[key])
        for number, page in enumerate(values, 1)
        if key in page and (is_only_list or key in _words(_address(page)))
    ]


def stated_count(pages: Sequence[Page]) -> int | None:
    """
    The records an export states: of its whole listing, of which it may be a part, or of its own pages.

    A listing repeats its count on each page, and may grow while it is read: the last page counts.
    """
    counts = [page.stated for page in pages if page.stated is not None]
    if not pages or len(counts) < len(pages):
        return None
    if pages[0].is_stated_of_page or all(page.listing is None for page in pages):
        return sum(counts)
    return counts[-1]


def ends_a_listing(pages: Sequence[Page]) -> bool:
    """Whether these are the last pages of a longer listing; the last may hold no record."""
    return bool(pages) and pages[-1].listing is not None and pages[-1].is_last is True


def store_pages(
    connection: duckdb.DuckDBPyConnection, export_seq: int, pages: Sequence[Page]
) -> None:
    """One row per page into raw.pages."""
    if pages:
        columns = (
            "struct(page bigint, listing varchar, page_no bigint, stated bigint, "
            "is_stated_of_page boolean, is_last boolean, records bigint)"
        )
        connection.execute(
            f"insert into raw.pages by name select {export_seq} as export_seq, "
            f"unnest($pages::{columns}[], recursive := true)",
            {"pages": [asdict(page) for page in pages]},
        )


def _page(number: int, page: Values, records: Any) -> Page:
    address = _address(page)
    # An incremental export counts each page for itself, and its next page is always named.
    is_incremental = "end_of_stream" in page or "/incremental/" in (address or "")
    page_no, is_last = _number(page), _is_last(page, is_incremental)
    is_alone = is_last is not False and page_no in (1, None) and address is None
    return Page(
        page=number,
        listing=None if is_alone else address or "",
        page_no=None if is_incremental else page_no,
        stated=_whole(page.get("count", page.get("total_count"))),
        is_stated_of_page=is_incremental,
        is_last=is_last,
        records=records if isinstance(records, int) else 0,
    )


def _is_last(page: Values, is_incremental: bool) -> bool | None:
    if is_incremental:
        ended = page.get("end_of_stream")
        return ended if isinstance(ended, bool) else None
    meta, intercom = page.get("meta"), page.get("pages")
    if isinstance(meta, dict) and isinstance(meta.get("has_more"), bool):
        return not meta["has_more"]
    if isinstance(intercom, dict):
        return not intercom.get("next")
    return page["next_page"] is None if "next_page" in page else None


def _number(page: Values) -> int | None:
    if isinstance(intercom := page.get("pages"), dict):
        return _whole(intercom.get("page"))
    for key, step in (("next_page", -1), ("previous_page", 1)):
        query = dict(parse_qsl(urlsplit(str(page.get(key) or "")).query))
        if (neighbour := _whole(query.get("page"))) is not None:
            return neighbour + step
    is_one = {"next_page", "previous_page"} <= page.keys()
    return 1 if is_one and page["next_page"] is page["previous_page"] is None else None


def _address(page: Values) -> str | None:
    """The address of the listing, told by that of a neighbouring page."""
    links = page.get("links")
    links = links if isinstance(links, dict) else {}
    near = (page.get("next_page"), page.get("previous_page"), page.get("after_url"))
    found = next((one for one in (*near, links.get("next"), links.get("prev")) if one), None)
    if not isinstance(found, str):
        return None
    parts = urlsplit(found)
    query = urlencode([one for one in parse_qsl(parts.query) if one[0] not in _PLACE])
    return parts.path + (f"?{query}" if query else "")


def _words(address: str | None) -> list[str]:
    return (address or "").split("?")[0].replace(".", "/").split("/")


def _whole(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 19 else None
