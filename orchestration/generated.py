"""What follows from contracts and is committed for readers: a page of each metric, and the editors' schema."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from contracts import page, schema
from contracts.errors import ContractError
from contracts.reading import Contracts
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
    return {schema.FILE: schema.schema(), **pages}


def stale(wanted: Mapping[Path, str]) -> list[str]:
    """What is not as contracts say: files missing or with another text, and pages of no metric."""
    differing = [path for path, text in wanted.items() if _text(path) != text]
    return sorted(path.name for path in [*differing, *_left_over(wanted)])


def write(wanted: Mapping[Path, str]) -> None:
    """Write every file, and remove pages of no metric."""
    PAGES.mkdir(exist_ok=True)
    for path in _left_over(wanted):
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")


def _left_over(wanted: Mapping[Path, str]) -> list[Path]:
    return [path for path in PAGES.glob("*") if path.suffix in FORMS and path not in wanted]


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


def main(arguments: Sequence[str]) -> int:
    """`python -m orchestration.generated [check]`: write the files, or say which are stale. Exit code 2: some."""
    try:
        read = warehouse.read_metric_contracts()
        read.required()
    except (ContractError, warehouse.WarehouseError) as error:
        print(error, file=sys.stderr)
        return 2
    wanted = files(read)
    if list(arguments) != ["check"]:
        write(wanted)
        return 0
    if differing := stale(wanted):
        print(
            f"Not as contracts say: {', '.join(differing)}. Run `make generated`.", file=sys.stderr
        )
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
