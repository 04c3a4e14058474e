"""Files as received: where they lie, what surrounds their bytes (gzip, zip), and their digest."""

import gzip
import hashlib
import threading
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from orchestration.exports import refusal

HEAD_BYTES = 256 * 1024
"""Enough to see the keys of a first record or page; a 10 GB file must not be read to be known."""

CHUNK_BYTES = 1 << 20

_PACKED = {
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x28\xb5\x2f\xfd": "a zstd archive",
    b"Rar!": "a RAR archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database",
    b"PAR1": "a Parquet file",
}
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True)
class ReceivedFile:
    """
    One file of one source. `name` is relative to the exports folder and names a zip's member as
    `archive.zip/member`; `path` is where its bytes can be read now.
    """

    source: str
    name: str
    path: Path
    size: int
    mtime_ns: int

    @property
    def base_name(self) -> str:
        return self.name.rsplit("/", 1)[-1]


@dataclass
class Digest:
    """The sha256 of a file as received, and what counting its bytes tells about its records."""

    sha256: str = ""
    newlines: int = 0
    newlines_outside_quotes: int = 0
    has_nul: bool = False
    ends_with_newline: bool = True


def is_gzip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(2) == b"\x1f\x8b"


def is_zip(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) in _ZIP


def open_plain(path: Path) -> BinaryIO:
    """The bytes of a file, out of their gzip if they are in one."""
    return cast(BinaryIO, gzip.open(path)) if is_gzip(path) else path.open("rb")


def head(path: Path) -> bytes:
    """The first plain bytes of a file. Raises Refusal for a truncated gzip."""
    with path.open("rb") as stream:
        first = stream.read(16)
    for magic, what in _PACKED.items():
        if first.startswith(magic):
            raise refusal.not_an_export(what, "Unpack it or export CSV or JSON, then run again.")
    try:
        with open_plain(path) as stream:
            return stream.read(HEAD_BYTES)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise refusal.truncated("gzip archive") from None


def digest(
    path: Path, quote: bytes = b"", on_bytes: Callable[[int], None] = lambda count: None
) -> Digest:
    """Read a file once; `quote` is the CSV's quote character, empty where none counts."""
    found, sha, is_quoted, last = Digest(), hashlib.sha256(), 0, b"\n"
    done = reported = 0
    with path.open("rb", buffering=0) as stream:
        while chunk := stream.read(CHUNK_BYTES):
            sha.update(chunk)
            found.newlines += chunk.count(b"\n")
            found.has_nul = found.has_nul or b"\0" in chunk
            if quote:
                parts = chunk.split(quote)
                found.newlines_outside_quotes += sum(
                    part.count(b"\n") for part in parts[is_quoted::2]
                )
                is_quoted = (is_quoted + len(parts) - 1) % 2
            last, done = chunk[-1:], done + len(chunk)
            if done - reported >= 64 * CHUNK_BYTES:
                on_bytes(reported := done)
    found.sha256, found.ends_with_newline = sha.hexdigest(), last == b"\n"
    return found


@dataclass
class DigestBeside:
    """A digest taken in a thread while DuckDB reads the same file; both release Python's lock."""

    path: Path
    quote: bytes
    on_bytes: Callable[[int], None]
    _found: Digest | None = None
    _error: BaseException | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, name=f"digest of {self.path.name}")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = digest(self.path, self.quote, self.on_bytes)
        except BaseException as error:  # carried to the thread that asks for the result
            self._error = error

    def join(self) -> None:
        """Wait until the file is no longer read."""
        self._thread.join()

    def result(self) -> Digest:
        self.join()
        if self._error:
            raise self._error
        assert self._found is not None
        return self._found


def members(
    archive: ReceivedFile, folder: Path
) -> Iterator[ReceivedFile | tuple[str, refusal.Refusal]]:
    """
    The members of a zip, one at a time unpacked into `folder` and removed before the next.

    A member that cannot be unpacked is given as its name and the reason. Raises Refusal when
    the archive itself cannot be read.
    """
    try:
        opened = zipfile.ZipFile(archive.path)
    except zipfile.BadZipFile:
        raise refusal.truncated("zip archive") from None
    with opened:
        inner = sorted(opened.infolist(), key=lambda one: one.filename)
        if any(one.filename == "[Content_Types].xml" for one in inner):
            raise refusal.not_an_export("an Excel workbook", "Save it as CSV UTF-8.")
        inner = [one for one in inner if not one.is_dir() and not is_ignored(one.filename)]
        if not inner:
            raise refusal.no_records("an empty archive")
        for number, one in enumerate(inner):
            unpacked = folder / f"member-{number}"
            name = f"{archive.name}/{one.filename}"
            try:
                _unpack(opened, one, unpacked)
                yield ReceivedFile(archive.source, name, unpacked, one.file_size, archive.mtime_ns)
            except (zipfile.BadZipFile, zlib.error, EOFError):
                yield name, refusal.truncated("member of the zip archive")
            except (RuntimeError, NotImplementedError) as error:  # encrypted, unknown compression
                yield (
                    name,
                    refusal.not_an_export(f"a zip member out of reach ({error})", "Unpack it."),
                )
            finally:
                unpacked.unlink(missing_ok=True)


def ignored_members(path: Path) -> list[str]:
    """The members of a zip that are not unpacked because of their names; none of any other file."""
    try:
        if not is_zip(path):
            return []
        with zipfile.ZipFile(path) as archive:
            names = [one.filename for one in archive.infolist() if not one.is_dir()]
    except (OSError, zipfile.BadZipFile):
        # loading says what is wrong with it
        return []
    return [name for name in names if is_ignored(name)]


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path) -> None:
    with archive.open(member) as packed, target.open("wb") as plain:
        while chunk := packed.read(CHUNK_BYTES):
            plain.write(chunk)


def is_ignored(name: str) -> bool:
    """Hidden files, and those still being written or downloaded."""
    return any(
        part.startswith((".", "__MACOSX")) for part in name.split("/")
    ) or name.lower().endswith((".part", ".tmp", ".crdownload"))
