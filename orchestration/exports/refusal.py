"""Why a file or a record is not loaded, worded in one place: what was found, what to do."""

import re
from collections.abc import Iterable

from contracts.errors import did_you_mean
from contracts.exports import ExportDeclaration

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]+")
_PERSONAL = (
    (re.compile(r"[^\s@'\"(),;<>]+(?:@|%40)[^\s@'\"(),;<>]+"), "[email]"),
    (re.compile(r"\+\d[\d ().-]{6,}\d"), "[phone]"),
    (re.compile(r"\b\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}\b"), "[card]"),
)


_NO_HEADER = re.compile(r"[0-9][0-9 .,:/TZ+-]*|\S+@\S+")
"""A number, a time or an address: values, which nobody calls a column."""


def told(sentence: str) -> str:
    """
    A sentence that quotes an export, fit to be stored and logged as it is.

    What it quotes is only there to be recognised, so the plainest personal data is enough to take
    out here; what is published is masked with all the care of the marts besides.
    """
    sentence = _CONTROL.sub(" ", sentence)
    for pattern, kind in _PERSONAL:
        sentence = pattern.sub(kind, sentence)
    return sentence


class Refusal(Exception):
    """One file is not loaded; the sentence says why. The others still load."""

    def __init__(self, sentence: str) -> None:
        super().__init__(told(sentence))


class MissingColumn(Refusal):
    """A CSV without a column that its records say nothing without, and the headers it has."""

    def __init__(
        self, sentence: str, declared: ExportDeclaration, headers: tuple[str, ...]
    ) -> None:
        super().__init__(sentence)
        self.declared = declared
        self.headers = headers


def empty() -> Refusal:
    return Refusal("the file is empty. Export it again.")


def no_records(what: str) -> Refusal:
    return Refusal(f"the file holds {what} and no record. Export it again, or take it away.")


def not_an_export(what: str, do: str) -> Refusal:
    return Refusal(f"this is {what}, not an export. {do}")


def utf16() -> Refusal:
    return Refusal("the text is UTF-16. Save it again as UTF-8.")


def not_utf8(byte: int) -> Refusal:
    return Refusal(f"the text is not UTF-8 at byte {byte:,}. Save it again as UTF-8.")


def truncated(what: str, byte: int | None = None) -> Refusal:
    where = f" at byte {byte:,}" if byte is not None else ""
    return Refusal(f"the {what} ends too early{where}: it was cut off. Copy or export it again.")


def malformed(what: str, byte: int, found: str) -> Refusal:
    return Refusal(f"the {what} cannot be read at byte {byte:,}: {found}. Export it again.")


def unreadable(reason: str) -> Refusal:
    return Refusal(
        f"the file cannot be read ({reason}). Check that it may be read, then run again."
    )


def not_read_again() -> str:
    return (
        "its declaration has changed, but the file could not be read again: its records stay as the "
        "earlier declaration read them. Put the file back among the exports, then run again."
    )


def is_a_folder() -> Refusal:
    return Refusal("this is a folder named like a file. Rename it, or put a file in its place.")


def not_a_regular_file() -> Refusal:
    return Refusal("is a pipe, a socket or a device. Give the export as a file.")


def undeclared(held: Iterable[str], source: str, declared: Iterable[str]) -> Refusal:
    return Refusal(
        f"the records are {_listed(held)}, which source {source} does not declare. "
        f"Declared: {_listed(declared)}."
    )


def unrecognised(fields: Iterable[str], source: str, patterns: Iterable[str]) -> Refusal:
    shown = list(fields)[:8]
    return Refusal(
        f"the records (fields {_listed(shown)}) fit no table of source {source} for sure. "
        f"Name the file as declared: {_listed(patterns)}."
    )


def not_named(patterns: Iterable[str]) -> Refusal:
    # its first line is not quoted: where there is no header, that is a record
    return Refusal(
        f"the file is not named as declared ({_listed(patterns)}), and its first line is no header "
        "of the source. Rename it, or take it away."
    )


def several_fit(tables: Iterable[str], patterns: Iterable[str]) -> Refusal:
    return Refusal(
        f"the records fit several tables ({_listed(tables)}). "
        f"Name the file as one of them declares: {_listed(patterns)}."
    )


def wrong_format(found: str, source: str, declared: Iterable[str]) -> Refusal:
    return Refusal(
        f"the content is {found}, but source {source} declares {_listed(declared)}. "
        "Put it into the folder of its own source, or declare it."
    )


def wrong_delimiter(declared: str, used: str | None) -> Refusal:
    seems = f"; the header seems to use {used!r}" if used else ""
    return Refusal(
        f"the header is one column with the declared delimiter {declared!r}{seems}. "
        "Declare the delimiter the file uses."
    )


def missing_column(role: str, declared: ExportDeclaration, found: Iterable[str]) -> Refusal:
    wanted, found = declared.headers(role), tuple(found)
    headers = [header for header in found if header]
    near = next((hint for one in wanted if (hint := did_you_mean(one, headers))), "")
    is_record = any(_NO_HEADER.fullmatch(header.strip()) for header in headers)
    do = (
        "The first line looks like a record: export it with a line of headers."
        if is_record
        else "Correct the role in the source's declaration."
    )
    sentence = f"no column is headed {' or '.join(wanted)}, which holds {role}.{near} {do}"
    # values are no names of fields, and nothing to keep
    return Refusal(sentence) if is_record else MissingColumn(sentence, declared, found)


def repeated_header(header: str, columns: Iterable[int]) -> Refusal:
    return Refusal(
        f"the header {header} stands over columns {_listed(str(one) for one in columns)}. "
        "Which one counts cannot be told: export it with one."
    )


def too_big_for_memory() -> Refusal:
    return Refusal("the file needs more memory than is allowed. Raise the memory limit.")


def not_heard(source: str) -> Refusal:
    return Refusal(
        f"source {source} is declared to take no expected counts from a file. "
        "Declare expected: [manifest], or take the file away."
    )


def uncounted(seen: int, stored: int) -> Refusal:
    return Refusal(
        f"{seen:,} records were seen, but {stored:,} accounted for, so nothing was stored. "
        "Please report this as a defect with the file's first lines."
    )


def _listed(words: Iterable[str]) -> str:
    return ", ".join(words) or "nothing"
