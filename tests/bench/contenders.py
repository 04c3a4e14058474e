"""Who is measured: the product, the floor, and the obvious dbt project. Each is one whole process."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from . import compiled
from .measuring import Measured, measure

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "dbt_project"
BIN = Path(sys.executable).parent
OBVIOUS = Path(__file__).with_name("obvious")

QUIET = {"DO_NOT_TRACK": "1", "COLUMNS": "160", "PYTHONUNBUFFERED": "1"}

SHARED_MACROS = (
    "mask_personal_data", "mask_checked_numbers", "mask_names_and_addresses", "mask_subjects", "normalise_raw_tag",
    "keyword_text", "match_keyword_rules", "keyword_rules", "lookup_key", "rollup",
)  # fmt: skip
SHARED_MARTS = (
    "rollup_drivers", "rollup_canonical_tags", "rollup_raw_tags", "coverage_judged",
    "dim_drivers", "dim_canonical_tags", "unmapped_tags",
)  # fmt: skip
"""What the product itself writes in the obvious way, as plain tables: taken over as it stands."""


@dataclass(frozen=True)
class Contenders:
    """Runs whom it is told to, each in folders of its own below `root`; `label` names the log."""

    root: Path

    @property
    def data(self) -> Path:
        """The product's data folder."""
        return self.root / "product"

    @property
    def product_marts(self) -> Path:
        return self.data / "published" / "assay.duckdb"

    @property
    def floor_marts(self) -> Path:
        return self.root / "floor" / "assay.duckdb"

    def forget(self) -> None:
        """Remove what the product has stored, for a run from nothing."""
        shutil.rmtree(self.data, ignore_errors=True)

    def product(self, exports: Path, label: str, memory: str = "1GB") -> Measured:
        """The product on a folder of exports, with what its data folder holds already."""
        command = (BIN / "assay", "run", "--exports", exports)
        environment = {**QUIET, "ASSAY_DATA": str(self.data), "ASSAY_MEMORY": memory}
        return measure(command, environment, self._log(label))

    def floor(self, exports: Path, label: str, memory: str = "1GB") -> Measured:
        """The hand-written script, from nothing; the product has built before it, and so compiled."""
        command = (
            sys.executable,
            "-m",
            f"{__package__}.floor",
            exports,
            self.root / "floor",
            self.data / compiled.FOLDER,
        )
        return measure(command, {**QUIET, "ASSAY_MEMORY": memory}, self._log(label))

    def obvious(self, exports: Path, label: str) -> Measured:
        """The obvious dbt project, from nothing: one `dbt build` with its tests."""
        project = self.root / "obvious"
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(OBVIOUS, project)
        shutil.copytree(PROJECT / "seeds", project / "seeds")
        for name in SHARED_MACROS:
            _copy(PROJECT / "macros" / f"{name}.sql", project / "macros")
        for name in SHARED_MARTS:
            _copy(PROJECT / "models" / "marts" / f"{name}.sql", project / "models" / "marts")
        _write_signals(self.data / compiled.FOLDER, project / "models" / "signals")
        folders = ("--project-dir", project, "--profiles-dir", project)
        environment = {**QUIET, "BENCH_EXPORTS": str(exports), "BENCH_OUT": str(project)}
        return measure((BIN / "dbt", "build", *folders), environment, self._log(label))

    def _log(self, label: str) -> Path:
        logs = self.root / "logs"
        logs.mkdir(parents=True, exist_ok=True)
        return logs / f"{label.replace(' ', '-')}.log"


def _write_signals(models: Path, folder: Path) -> None:
    """The selects of the signals as models of another project."""
    folder.mkdir(parents=True)
    for model in (*(f"signals/{name}" for name in compiled.SIGNALS), "marts/fct_signals"):
        select = compiled.select(models, model, lambda _, name: f"{{{{ ref('{name}') }}}}")
        (folder / f"{Path(model).name}.sql").write_text(select, encoding="utf-8")


def _copy(file: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, folder)
