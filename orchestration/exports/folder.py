"""Which files of the exports folder belong to which source."""

import os
import stat as stat_kind
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contracts.errors import ExportError, did_you_mean
from contracts.exports import ExportDeclaration
from orchestration.exports import refusal
from orchestration.exports.received import ReceivedFile, ignored_members, is_ignored, is_zip
from orchestration.exports.recognise import recognise


@dataclass
class FoundFiles:
    """
    The files to load, the names that cannot be, and those left alone on purpose.

    `refused` holds source, name and sentence; `left_alone` names and reasons.
    """

    files: list[ReceivedFile] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    left_alone: list[tuple[str, str]] = field(default_factory=list)

    def left_alone_in_archives(self) -> list[tuple[str, str]]:
        """The members of zips that are left alone; opens every archive for its list of members."""
        return [
            (f"{file.name}/{member}", _why_ignored(member))
            for file in self.files
            for member in ignored_members(file.path)
        ]


def find_files(exports: Path, declarations: Sequence[ExportDeclaration]) -> FoundFiles:
    """
    The files of every declared source, in order of name. Raises ExportError where there is none.

    Each source has a folder of its name; a folder that is itself one source's is accepted.
    """
    sources = sorted({one.source for one in declarations})
    if not exports.exists():
        raise ExportError(f"{exports} does not exist. Give the folder that holds the exports.")
    if not exports.is_dir():
        raise ExportError(f"{exports} is a file. Give the folder that holds the exports.")
    found = FoundFiles()
    folders = sorted(one for one in exports.iterdir() if one.is_dir() and not is_ignored(one.name))
    if any(folder.name in sources for folder in folders):
        for path in sorted(exports.iterdir()):
            if path not in folders:
                why = _why_ignored(path.name) if is_ignored(path.name) else _IN_NO_FOLDER
                found.left_alone.append((path.name, why))
        for folder in folders:
            if folder.name in sources:
                _walk(exports, folder, folder.name, found)
            else:
                found.refused.append((folder.name, folder.name, _nobodys(folder.name, sources)))
    else:
        _walk(exports, exports, _source_of(exports, declarations, sources, folders), found)
    if not found.files and not found.refused:
        raise ExportError(
            f"{exports} holds no export. Put files into a folder named after their source: "
            f"{', '.join(sources)}."
        )
    return found


_IN_NO_FOLDER = "lies in no source's folder"


def _why_ignored(name: str) -> str:
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.split("/"))
    return "is hidden" if hidden else "is still being written, by its name"


def _nobodys(folder: str, sources: list[str]) -> str:
    return (
        f"no source is called {folder}, so its files are not read."
        f"{did_you_mean(folder, sources)} Declared sources: {', '.join(sources)}."
    )


def _source_of(
    exports: Path,
    declarations: Sequence[ExportDeclaration],
    sources: list[str],
    folders: list[Path],
) -> str:
    """The one source whose files lie directly in the folder given."""
    if exports.resolve().name in sources:
        return exports.resolve().name
    files = [one for one in sorted(exports.iterdir()) if one.is_file() and not is_ignored(one.name)]
    if not files:
        inside = f" Found only {', '.join(one.name for one in folders)}." if folders else ""
        raise ExportError(
            f"{exports} holds no export.{inside} Put files into a folder named after their source: "
            f"{', '.join(sources)}."
        )
    fitting = [
        source
        for source in sources
        if any(_fits(file, [one for one in declarations if one.source == source]) for file in files)
    ]
    if len(fitting) == 1:
        return fitting[0]
    could = f"could be of {', '.join(fitting)}" if fitting else "are of no declared source"
    raise ExportError(
        f"The files directly in {exports} {could}. Put them into a folder named after their "
        f"source: {', '.join(sources)}."
    )


def _fits(path: Path, declared: list[ExportDeclaration]) -> bool:
    if not any(one.names(path.name) for one in declared):
        return False
    try:
        if is_zip(path):
            return True
        recognise(ReceivedFile(declared[0].source, path.name, path, 0, 0), declared)
    except (refusal.Refusal, OSError):
        return False
    return True


def _walk(exports: Path, folder: Path, source: str, found: FoundFiles) -> None:
    for path in _entries(folder, found, exports):
        shown = path.relative_to(exports).as_posix()
        if path.is_dir():
            # A folder called x.csv was meant to be a file; any other is only a folder.
            found.refused.append((source, shown, str(refusal.is_a_folder())))
            continue
        try:
            stat = path.stat()
        except OSError as error:
            reason = refusal.unreadable(error.strerror or str(error))
            found.refused.append((source, shown, str(reason)))
            continue
        if not stat_kind.S_ISREG(stat.st_mode):
            found.refused.append((source, shown, str(refusal.not_a_regular_file())))
            continue
        found.files.append(ReceivedFile(source, shown, path, stat.st_size, stat.st_mtime_ns))


def _entries(folder: Path, found: FoundFiles, exports: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        for name in sorted(filter(is_ignored, (*folders, *files))):
            shown = Path(root, name).relative_to(exports).as_posix()
            found.left_alone.append((shown, _why_ignored(name)))
        folders[:] = sorted(one for one in folders if not is_ignored(one))
        for name in list(folders):
            if name.lower().endswith((".csv", ".json", ".ndjson", ".jsonl", ".gz", ".zip")):
                folders.remove(name)
                yield Path(root, name)
        for name in sorted(files):
            if not is_ignored(name):
                yield Path(root, name)
