"""What a file is, told by its first bytes, and which declared table its records belong to."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from contracts.exports import ExportDeclaration, normal_header
from contracts.records import RECORD_KEYS, REQUIRED_ROLES
from orchestration.exports import refusal
from orchestration.exports.json_text import Layout
from orchestration.exports.received import HEAD_BYTES, ReceivedFile, head

_NOT_EXPORTS = (
    (re.compile(rb"(?i)\s*<(!doctype|html|\?xml)"), "a web page", "Download the file itself."),
    (re.compile(rb"version https://git-lfs"), "a Git LFS pointer", "Run git lfs pull."),
    (
        re.compile(rb"Archive: "),
        "the output of unzip above the data",
        "Delete the lines above the header, or unpack the archive again.",
    ),
)

_JSON_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')

LINES_TRIED = 20

FITTING_SHARE = 0.9
"""A file whose name does not settle it must show this share of a table's fields to be taken for it:
a Zendesk brand shows four of the five fields of a group, a ticket without comments 20 of 21."""


@dataclass(frozen=True)
class Recognised:
    """One table a file is to be loaded into, and how to read it."""

    declaration: ExportDeclaration
    format: str
    shape: str
    layout: Layout | None = None
    key: str | None = None
    headers: tuple[str, ...] = ()


def recognise(file: ReceivedFile, declared: Sequence[ExportDeclaration]) -> list[Recognised]:
    """
    The tables of its source that a file feeds; several only for pages that list several kinds.

    Raises Refusal with the sentence to show.
    """
    start = head(file.path)
    _refuse_what_is_no_export(start)
    text = start.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    # The last element of a list may stand alone on its line too.
    line = "" if text.lstrip().startswith("[") else _first_object_line(text)
    if line or text.lstrip()[:1] in ("{", "["):
        tables = [one for one in declared if one.format != "csv"]
        if not tables:
            raise refusal.wrong_format("JSON", file.source, ["csv"])
        return _json(file, text.lstrip(), line, tables)
    tables = [one for one in declared if one.format == "csv"]
    if not tables:
        formats = sorted({f"{one.format} JSON" for one in declared})
        raise refusal.wrong_format("not JSON", file.source, formats)
    return [_csv(file, text, tables)]


def _refuse_what_is_no_export(start: bytes) -> None:
    if not start.strip():
        raise refusal.empty()
    if start.startswith((b"\xff\xfe", b"\xfe\xff")) or start[1:64:2].count(0) > 16:
        raise refusal.utf16()
    for pattern, what, do in _NOT_EXPORTS:
        if pattern.match(start.removeprefix(b"\xef\xbb\xbf")):
            raise refusal.not_an_export(what, do)


def _json(
    file: ReceivedFile, text: str, line: str, tables: Sequence[ExportDeclaration]
) -> list[Recognised]:
    container = "array" if text.startswith("[") else "objects"
    first = line or (text[1:].lstrip() if container == "array" else text)
    if container == "array" and first.startswith("]"):
        raise refusal.no_records("an empty array")
    keys = top_keys(first)
    inner, held = _inner(keys, tables)
    if line and inner != "page":
        container = "lines"
    layout = Layout(container, inner)
    if inner == "bare":
        chosen = _by_fields(file, list(keys), tables)
        return [Recognised(chosen, chosen.format, layout.shape, layout)]
    return [_by_key(file, layout, key, tables) for key in held]


def _first_object_line(text: str) -> str:
    """
    The first of the leading lines that is a whole object: such a file holds a record a line.

    A first line may be damaged, so a few are tried; a record longer than the head is one line.
    """
    lines = text.split("\n")
    if len(lines) == 1 and len(text.encode()) >= HEAD_BYTES - 3 and text.startswith("{"):
        return text
    return next((line for line in lines[:LINES_TRIED] if _is_object(line)), "")


def top_keys(text: str) -> dict[str, str]:
    """Key -> first character of its value, of the object a text begins with, as far as seen."""
    keys: dict[str, str] = {}
    depth, last, key = 0, "", ""
    for token in _JSON_TOKEN.finditer(text):
        word = token.group()
        if depth == 1 and word == ":" and last.startswith('"'):
            key = _plain(last)
        elif key:
            keys[key], key = word[0], ""
        depth += (word in "{[") - (word in "}]")
        last = word
        if depth == 0:
            break
    return keys


def _plain(quoted: str) -> str:
    try:
        return str(json.loads(quoted))
    except json.JSONDecodeError:
        return quoted.strip('"')


def _inner(keys: dict[str, str], tables: Sequence[ExportDeclaration]) -> tuple[str, list[str]]:
    """Whether records are bare, wrapped or in pages, and the keys that hold them."""
    # A record has an id of its own; a page or wrapper has none, even where a record's field
    # is called like a wrapper's key (a ticket's `comments`, a ticket's `satisfaction_rating`).
    if "id" in keys:
        return "bare", []
    known = {key for one in tables for keys in RECORD_KEYS[one.format].values() for key in keys}
    pages = [key for key, value in keys.items() if value == "["]
    wrapped = [key for key, value in keys.items() if value == "{"]
    if pages and (set(pages) & known or not set(wrapped) & known):
        return "page", [key for key in pages if key in known] or pages[:1]
    if wrapped:
        return "wrapped", [key for key in wrapped if key in known][:1] or wrapped[:1]
    return "bare", []


def _is_object(line: str) -> bool:
    # Only at the margin: so does the last element of an indented list.
    if not line.startswith("{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (json.JSONDecodeError, RecursionError):
        return False


def _by_key(
    file: ReceivedFile, layout: Layout, key: str, tables: Sequence[ExportDeclaration]
) -> Recognised:
    fitting = [one for one in tables if key in RECORD_KEYS[one.format].get(one.record, ())]
    if not fitting:
        raise refusal.undeclared([key], file.source, [one.table for one in tables])
    chosen = _named(file, fitting)
    return Recognised(chosen, chosen.format, layout.shape, layout, key)


def other_keys(
    file: ReceivedFile, first: Recognised, keys: Iterable[str], tables: Sequence[ExportDeclaration]
) -> list[Recognised]:
    """The further tables fed by a page that lists several kinds of record."""
    known = {
        key
        for one in tables
        if one.format == first.format
        for key in RECORD_KEYS[one.format].get(one.record, ())
    }
    assert first.layout is not None
    tables = [one for one in tables if one.format == first.format]
    return [
        _by_key(file, first.layout, key, tables) for key in sorted(set(keys) & known - {first.key})
    ]


def _by_fields(
    file: ReceivedFile, fields: list[str], tables: Sequence[ExportDeclaration]
) -> ExportDeclaration:
    shown = {one.table: len(set(one.columns) & set(fields)) for one in tables}
    shown = shown if "id" in fields else {}
    named = [
        one
        for one in tables
        if one.names(file.base_name) and shown.get(one.table, 0) == max(shown.values(), default=1)
    ]
    if len(named) == 1:
        return named[0]
    shares = {one.table: shown.get(one.table, 0) / len(one.columns) for one in tables}
    fitting = [one for one in tables if shares[one.table] >= FITTING_SHARE]
    if len(fitting) == 1:
        return fitting[0]
    raise refusal.unrecognised(fields, file.source, [one.files for one in tables])


def _named(file: ReceivedFile, fitting: list[ExportDeclaration]) -> ExportDeclaration:
    """The one table that fits; where several do, the file's name decides."""
    if len(fitting) > 1:
        by_name = [one for one in fitting if one.names(file.base_name)]
        if len(by_name) != 1:
            raise refusal.several_fit(
                [one.table for one in fitting], [one.files for one in fitting]
            )
        fitting = by_name
    return fitting[0]


def _csv(file: ReceivedFile, text: str, tables: Sequence[ExportDeclaration]) -> Recognised:
    named = [one for one in tables if one.names(file.base_name)] or list(tables)
    refused: refusal.Refusal | None = None
    fitting = []
    for one in [*named, *(other for other in tables if other not in named)]:
        try:
            fitting.append((one, read_header(text, one)))
        except refusal.Refusal as why:
            refused = refused or why
    if not fitting:
        if refused and any(one.names(file.base_name) for one in tables):
            raise refused
        raise refusal.not_named([one.files for one in tables])
    chosen = _named(file, [one for one, _ in fitting])
    return Recognised(
        chosen, "csv", "CSV", headers=next(header for one, header in fitting if one is chosen)
    )


def read_header(text: str, declared: ExportDeclaration) -> tuple[str, ...]:
    """The headers of a CSV, checked for what the declaration needs of them."""
    rows = csv.reader(
        io.StringIO(text, newline=""), delimiter=declared.delimiter, quotechar=declared.quote
    )
    try:
        headers = next(row for row in rows if row)
    except (StopIteration, csv.Error):
        raise refusal.empty() from None
    if len(headers) == 1:
        counts = {mark: headers[0].count(mark) for mark in ";\t|," if mark != declared.delimiter}
        best = max(counts, key=lambda mark: counts[mark])
        raise refusal.wrong_delimiter(declared.delimiter, best if counts[best] else None)
    places: dict[str, list[int]] = {}
    for number, header in enumerate(headers, 1):
        places.setdefault(normal_header(header), []).append(number)
    for role in declared.roles:
        wanted = [normal_header(one) for one in declared.headers(role)]
        for one in wanted:
            if len(places.get(one, ())) > 1:
                raise refusal.repeated_header(headers[places[one][0] - 1], places[one])
        if role in REQUIRED_ROLES[declared.record] and not any(one in places for one in wanted):
            raise refusal.missing_column(role, declared, headers)
    return tuple(headers)
