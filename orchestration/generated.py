"""What follows from contracts and is committed: pages and semantic models, the editors' schema, suites as JSON."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts import page, schema, semantic_models
from contracts.contract import Contract
from contracts.errors import ContractError
from contracts.reading import Contracts
from expectations import rendered
from orchestration import warehouse

PAGES = Path(schema.__file__).with_name("pages")
FORMS = {".md": page.markdown, ".html": page.html}


def files(read: Contracts) -> dict[Path, str]:
    """Every generated file with its text. A broken contract has no page."""
    pages = {
        PAGES / f"{contract.metric}{suffix}": form(contract)
        for contract in read.contracts
        for suffix, form in FORMS.items()
    }
    models = {
        semantic_models.file_of(contract.metric): text
        for contract in read.contracts
        if (text := semantic_models.semantic_model(contract))
    }
    from orchestration.assets.audit import SUITES

    suites = {rendered.file_of(suite): rendered.rendered(suite) for suite in SUITES}
    return {schema.FILE: schema.schema(), **pages, **models, **suites}


def stale(wanted: Mapping[Path, str]) -> list[str]:
    """What is not as contracts say: files missing or with another text, and those of no metric."""
    differing = [path for path, text in wanted.items() if _text(path) != text]
    return sorted(path.name for path in [*differing, *_left_over(wanted)])


def write(wanted: Mapping[Path, str]) -> None:
    """Write every file, and remove those of no metric."""
    for folder in {path.parent for path in wanted}:
        folder.mkdir(exist_ok=True)
    for path in _left_over(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


def _left_over(wanted: Mapping[Path, str]) -> list[Path]:
    written = [
        *(path for path in PAGES.glob("*") if path.suffix in FORMS),
        *semantic_models.FOLDER.glob("*.yml"),
        *rendered.FOLDER.glob("*.json"),
    ]
    return [path for path in written if path not in wanted]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: Sequence[str]) -> int:
    """`python -m orchestration.generated [check]`: write the files, or say which are stale. Exit code 2: some."""
    checks, left_over = [*arguments] == ["check"], semantic_models.left_over()
    # dbt cannot read a project in which a metric that is gone still has a semantic model
    if checks and left_over:
        return _stop(_stale([path.name for path in left_over]))
    for path in left_over:
        path.unlink()
    try:
        read = warehouse.read_metric_contracts()
        contracts = read.required()
    except (ContractError, warehouse.WarehouseError) as error:
        return _stop(str(error))
    wanted = files(read)
    if not checks:
        write(wanted)
    elif differing := stale(wanted):
        return _stop(_stale(differing))
    elif unknown := unknown_to_dbt(contracts, warehouse.read_manifest()):
        return _stop(f"dbt's manifest has no metric {', '.join(unknown)}.")
    return 0


def unknown_to_dbt(contracts: Sequence[Contract], manifest: Mapping[str, Any]) -> list[str]:
    """The metrics that are defined and yet no metrics to dbt, which has versions that drop some in silence."""
    known = {each["name"] for each in manifest["metrics"].values()}
    return [each.metric for each in contracts if each.definition and each.metric not in known]


def _stale(names: Sequence[str]) -> str:
    return f"Not as contracts say: {', '.join(names)}. Run `make generated`."


def _stop(message: str) -> int:
    print(message, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
