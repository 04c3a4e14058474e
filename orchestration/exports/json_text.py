"""JSON exports as text: each record exactly as it was received, in order, with its position."""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from orchestration.exports import refusal
from orchestration.exports.received import CHUNK_BYTES, open_plain

RECORD_BYTES = 256 << 20
"""A larger record is quarantined: DuckDB holds two buffers of a record's size in memory."""

_SPACE = re.compile(r"[ \t\r\n]*")
_NEAR_END = 64
"""A decoder's complaint this close to what has been read so far may only mean: read more."""


@dataclass(frozen=True)
class Layout:
    """
    How a JSON export holds its records.

    container: `lines` (one record a line), `array`, or `objects` (objects one after another).
    inner: `bare` records, `wrapped` ones ({"ticket": {…}}), or `page`s of them ({"tickets": […]}).
    """

    container: str
    inner: str

    @property
    def shape(self) -> str:
        """The layout in words, as raw.exports states it."""
        if self.inner == "page":
            return "array of pages" if self.container == "array" else "pages"
        names = {"lines": "NDJSON", "array": "JSON array", "objects": "JSON objects"}
        return f"{self.inner} {names[self.container]}"


@dataclass(frozen=True)
class Text:
    """One record as received. `problem` says why it cannot be read at all."""

    position: int
    text: str
    problem: str | None = None


def page_values(path: Path, layout: Layout) -> list[dict[str, object]]:
    """The pages of an export that DuckDB cannot read as a whole; of a list only its length."""
    with open_plain(path) as stream:
        scanner = _Scanner(stream, layout, None)
        for _ in scanner.records():
            pass
    return scanner.pages


def texts(path: Path, layout: Layout, key: str | None) -> Iterator[Text]:
    """
    Every record of an export for one key, in the order of the file.

    Raises Refusal where the whole cannot be read further (a cut array, page or gzip).
    """
    with open_plain(path) as stream:
        try:
            if layout.container == "lines":
                yield from _lines(stream)
            else:
                yield from _Scanner(stream, layout, key).records()
        except EOFError:
            raise refusal.truncated("gzip archive") from None


def _lines(stream: BinaryIO) -> Iterator[Text]:
    position, first = 0, True
    # a plain file and an unpacking one both fill a buffer, whatever their classes are called
    reader = io.BufferedReader(cast(io.RawIOBase, stream), CHUNK_BYTES)
    while line := reader.readline(RECORD_BYTES + 1):
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        is_too_long = len(line) > RECORD_BYTES
        start = line
        while is_too_long and line and not line.endswith(b"\n"):
            line = reader.readline(CHUNK_BYTES)
        if start.strip():
            position += 1
            yield _line(position, start, is_too_long)


def _line(position: int, line: bytes, is_too_long: bool) -> Text:
    if is_too_long:
        text = line[:16_000].decode(errors="replace")
        return Text(position, text, f"is larger than {RECORD_BYTES >> 20} MB")
    try:
        text = line.decode().strip("\r\n")
    except UnicodeDecodeError as error:
        return Text(
            position,
            line.decode(errors="replace").strip("\r\n"),
            f"is not UTF-8 at its byte {error.start + 1:,}",
        )
    if "\0" in text:
        return Text(position, text, f"holds a NUL byte at its character {text.index(chr(0)) + 1:,}")
    return Text(position, text)


@dataclass
class _Scanner:
    """Walks arrays, pages and objects without holding more than one record in memory."""

    stream: BinaryIO
    layout: Layout
    key: str | None
    buffer: str = ""
    at: int = 0
    bytes_before: int = 0
    has_ended: bool = False
    position: int = 0
    listed: int = 0
    pages: list[dict[str, object]] = field(default_factory=list)
    _decoder: json.JSONDecoder = field(default_factory=lambda: json.JSONDecoder(strict=True))
    _bytes: io.TextIOWrapper = field(init=False)

    def __post_init__(self) -> None:
        self._bytes = io.TextIOWrapper(self.stream, "utf-8-sig", newline="")

    def records(self) -> Iterator[Text]:
        if self.layout.container == "array":
            yield from self._elements(self._pages if self.layout.inner == "page" else self._record)
            if self._peek():
                raise self._malformed("text after the closing bracket")
            return
        while self._peek():
            yield from self._pages() if self.layout.inner == "page" else self._record()

    def _elements(self, read: Callable[[], Iterator[Text]]) -> Iterator[Text]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        while True:
            yield from read()
            if self._peek() == "]":
                self._take("]")
                return
            self._take(",")

    def _pages(self) -> Iterator[Text]:
        self._take("{")
        page: dict[str, object] = {}
        self.pages.append(page)
        while self._peek() != "}":
            key = json.loads(self._value())
            self._take(":")
            if self._peek() == "[":
                self.listed = 0
                yield from self._elements(self._record if key == self.key else self._other)
                page[key] = self.listed
            else:
                page[key] = json.loads(self._value())
            if self._peek() == ",":
                self._take(",")
            elif self._peek() != "}":
                raise self._malformed("neither a comma nor the end of the page")
        self._take("}")

    def _record(self) -> Iterator[Text]:
        text = self._value()
        self.position += 1
        self.listed += 1
        yield Text(self.position, text)

    def _other(self) -> Iterator[Text]:
        self._value()
        self.listed += 1
        return iter(())

    def _value(self) -> str:
        self._peek()
        while True:
            try:
                _, end = self._decoder.raw_decode(self.buffer, self.at)
            except json.JSONDecodeError as error:
                byte = self._byte(error.pos)
                if not self._may_go_on(error):
                    raise refusal.malformed("JSON", byte, error.msg.lower()) from None
            except RecursionError:
                raise self._malformed("values nested too deep") from None
            else:
                # A number at the end of what was read may have more digits to come.
                if end < len(self.buffer) or not self._more():
                    text, self.at = self.buffer[self.at : end], end
                    return text

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        is_open = error.msg.startswith("Unterminated string")
        if not is_open and error.pos < len(self.buffer) - _NEAR_END:
            return False
        if self._more():
            return True
        # An error well before the last character is not the end's doing.
        if is_open or error.pos >= len(error.doc.rstrip()):
            raise refusal.truncated("JSON", self._byte(len(self.buffer)))
        return False

    def _more(self) -> bool:
        self.bytes_before += len(self.buffer[: self.at].encode(errors="surrogatepass"))
        self.buffer, self.at = self.buffer[self.at :], 0
        if len(self.buffer) > RECORD_BYTES:
            raise self._malformed(f"one record larger than {RECORD_BYTES >> 20} MB")
        try:
            read = self._bytes.read(max(CHUNK_BYTES, len(self.buffer)))
        except UnicodeDecodeError as error:
            raise refusal.not_utf8(self._byte(len(self.buffer)) + error.start) from None
        self.buffer += read
        self.has_ended = not read
        return bool(read)

    def _peek(self) -> str:
        while True:
            if blank := _SPACE.match(self.buffer, self.at):
                self.at = blank.end()
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self._more():
                return ""

    def _take(self, character: str) -> None:
        found = self._peek()
        if not found:
            raise refusal.truncated("JSON", self._byte(self.at))
        if found != character:
            raise self._malformed(f"{found!r} where {character!r} was expected")
        self.at += 1

    def _byte(self, at: int) -> int:
        return self.bytes_before + len(self.buffer[:at].encode(errors="surrogatepass"))

    def _malformed(self, found: str) -> refusal.Refusal:
        return refusal.malformed("JSON", self._byte(self.at), found)
