"""A work database, a ledger and a folder of exports, made anew for each test."""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from contracts.exports import ExportDeclaration, read_declarations
from orchestration.exports import LoadReport, RawRecord, load_exports, raw_records
from orchestration.exports.reports import Progress, unreported
from orchestration.ledger import Ledger

ROOT = Path(__file__).parents[1]
SHARED = ROOT / "../shared/data"
needs_shared_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the real exports are not on this machine"
)


def project_manifest() -> dict[str, Any]:
    """The project's sources in the form dbt's manifest gives them."""
    sources = {}
    for file in sorted(ROOT.glob("dbt_project/models/staging/*/_*__sources.yml")):
        for source in yaml.safe_load(file.read_text())["sources"]:
            for table in source["tables"]:
                sources[f"{source['name']}.{table['name']}"] = {
                    "source_name": source["name"],
                    "name": table["name"],
                    "identifier": table.get("identifier"),
                    "config": {"meta": table.get("config", {}).get("meta", {})},
                    "columns": {one["name"]: one for one in table.get("columns", [])},
                    "original_file_path": file.name,
                }
    return {"sources": sources}


DECLARED = read_declarations(project_manifest())


@dataclass
class World:
    """Everything a load needs, and questions about what it left."""

    folder: Path
    declared: Sequence[ExportDeclaration] = field(default_factory=lambda: DECLARED)

    def __post_init__(self) -> None:
        self.exports = self.folder / "exports"
        self.exports.mkdir(parents=True)
        self.open()

    def open(self) -> None:
        self.work = duckdb.connect(str(self.folder / "work.duckdb"))
        self.ledger = Ledger.open(self.folder / "ledger.duckdb")

    def __enter__(self) -> "World":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        self.work.close()
        self.ledger.close()

    def forget_build(self) -> None:
        """As before a rebuild: the work database is gone, the ledger is not."""
        self.close()
        (self.folder / "work.duckdb").unlink()
        self.open()

    def put(self, name: str, content: bytes | str) -> Path:
        path = self.exports / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def load(self, on_progress: Callable[[Progress], None] = unreported) -> list[LoadReport]:
        return load_exports(self.work, self.exports, self.declared, self.ledger, on_progress)

    def load_one(self, name: str, content: bytes | str) -> LoadReport:
        self.put(name, content)
        return next(report for report in self.load() if report.file == name)

    def raw(self, conversation_id: str) -> list[RawRecord]:
        return raw_records(self.work, self.exports, self.declared, conversation_id)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        return self.work.execute(query).fetchall()

    def assert_everything_counted(self) -> None:
        """Seen = kept + duplicates + quarantined, told by the tables themselves."""
        for seq, source, table, seen, kept, duplicates, quarantined in self.rows(
            "select export_seq, source, table_name, seen, kept, duplicates, quarantined from raw.exports "
            "where status = 'loaded'"
        ):
            assert seen == kept + duplicates + quarantined
            count = f"select count(*) from raw.{{}} where export_seq = {seq}"
            assert self.rows(count.format("duplicates")) == [(duplicates,)]
            assert self.rows(count.format("quarantine")) == [(quarantined,)]
            for one in self.declared:
                if (one.source, one.table) == (source, table):
                    assert self.rows(count.format(one.identifier)) == [(kept,)]


def tickets(*numbers: int) -> str:
    """Wrapped tickets, one a line."""
    return "".join(
        json.dumps({"ticket": {"id": number, "created_at": "2026-01-01T00:00:00Z"}}) + "\n"
        for number in numbers
    )


def zipped(**members: str) -> bytes:
    """An archive of these members; `__` in a name is a dot."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "."), content)
    return packed.getvalue()
