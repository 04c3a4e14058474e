"""The columns that follow from declared signals, written where dbt's contracts need them."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from contracts.errors import ContractError
from signals.declared import CORE, Signal, read_signals
from signals.taken_names import (
    BEGIN,
    CONVERSATIONS,
    END,
    MEASURED,
    MODELS,
    around_the_columns,
)


def declared(models: Path = MODELS) -> Mapping[str, Any]:
    """The models' schema YAML in the shape of dbt's manifest: columns are written before dbt can parse."""
    nodes = {}
    for file in sorted(models.rglob("*.yml")):
        for model in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).get("models") or []:
            nodes[f"model.assay.{model['name']}"] = {
                "resource_type": "model",
                "name": model["name"],
                "original_file_path": str(file),
                "patch_path": f"assay://{file}",
                "config": model.get("config") or {},
            }
    return {"nodes": nodes}


def columns(signals: Sequence[Signal]) -> str:
    """The YAML of one column per custom signal, in alphabetical order, as the wide tables select them."""
    lines = []
    for signal in sorted(signals, key=lambda signal: signal.name):
        if signal.name not in CORE:
            told = (
                f"{signal.question} {', '.join(signal.values) or 'A text'}; null: see fct_signals."
            )
            quoted = yaml.safe_dump(told, width=10_000, allow_unicode=True, default_style='"')
            lines += [
                f"      - name: {signal.name}",
                "        data_type: varchar",
                f"        description: {quoted.strip()}",
            ]
    return "".join(f"{line}\n" for line in lines)


def generated(file: Path, signals: Sequence[Signal]) -> str:
    """The contract's text with the columns of these signals. Raises ContractError where its marks are gone."""
    before, after = around_the_columns(file)
    return f"{before}{BEGIN}{columns(signals)}{END}{after}"


def main(arguments: Sequence[str]) -> int:
    """`python -m signals.columns [check]`: write the columns, or say whether they are there. Exit code 2: not."""
    try:
        signals = read_signals(declared())
        texts = {
            CONVERSATIONS: generated(CONVERSATIONS, signals),
            # a text is read, not counted
            MEASURED: generated(MEASURED, [signal for signal in signals if signal.values]),
        }
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    if list(arguments) == ["check"]:
        stale = [file for file, new in texts.items() if new != file.read_text(encoding="utf-8")]
        for file in stale:
            print(
                f"{file.name} is not as signals are declared: run `make generated`.",
                file=sys.stderr,
            )
        return 2 if stale else 0
    for file, new in texts.items():
        file.write_text(new, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
