"""What numbers may be used for: the purposes a project declares, and the dbt models each compiles to."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from contracts.errors import ContractError, sentences

PROJECT = Path(__file__).parents[1] / "dbt_project"
MODELS = PROJECT / "models" / "purposes"

VIEWS = {
    "metric_values": "Every value of the metrics that are active and licensed for it; small cells suppressed.",
    "metric_evidence": "The quotes behind those values; where cells are suppressed, their driver and not whose.",
    "withheld": "Every metric, version and period that it does not show, and why.",
}
"""What a purpose may read: each a view in a schema of the purpose's name."""


TAKEN = frozenset(
    {
        # schemas of the build
        "build", "core", "counted", "marts", "metrics", "raw", "signals", "staging", "taxonomy",
        "dbt_test__audit",
        # its files, as they are attached to each other
        "assay", "candidate", "whole", "work",
        # schemas and databases of DuckDB itself
        "information_schema", "main", "pg_catalog", "system", "temp",
    }
)  # fmt: skip
"""Names that a purpose cannot take: its schema or file would be another's."""


class Purpose(BaseModel):
    """
    One use of numbers.

    `own_file` puts what it may see into a file of its own, for readers who must not see the rest: views are no
    barrier within one file. A cell of fewer conversations than `smallest_cell` is suppressed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    own_file: bool
    smallest_cell: Annotated[int, Field(strict=True, ge=1)]

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in TAKEN:
            raise ValueError(
                f"is {name}, a schema or file of the build or of DuckDB: name the purpose otherwise."
            )
        return name


def read_purposes(variables: Mapping[str, Any]) -> tuple[Purpose, ...]:
    """The purposes of `vars.purposes` in dbt_project.yml. Raises ContractError with all problems."""
    found, said = [], []
    for name, declared in (variables.get("purposes") or {}).items():
        try:
            found.append(Purpose(name=name, **(declared or {})))
        except ValidationError as error:
            said += sentences(error, f"vars.purposes.{name}", Purpose.model_fields)
    if said:
        raise ContractError({"dbt_project/dbt_project.yml": said})
    return tuple(found)


def generated(purposes: Sequence[Purpose]) -> dict[str, str]:
    """The files of models/purposes: a line of SQL for each view of each purpose, and what dbt's docs say."""
    files, models = {}, []
    for purpose in purposes:
        for view, told in VIEWS.items():
            name = f"{purpose.name}__{view}"
            files[f"{name}.sql"] = (
                f"-- Grain: that of {view}. Written by `make generated` from vars.purposes.\n"
                f"{{{{ config(schema='{purpose.name}', alias='{view}') }}}}\n"
                f"{{{{ purpose_{view}('{purpose.name}') }}}}\n"
            )
            models.append({"name": name, "description": f"{purpose.name}: {told}"})
    said = yaml.safe_dump({"version": 2, "models": models}, sort_keys=False, width=120)
    files["_purposes__models.yml"] = f"# Written by `make generated` from vars.purposes.\n{said}"
    return files


def main(arguments: Sequence[str]) -> int:
    """`python -m contracts.purposes [check]`: write the models, or say if they are there. Exit code 2: not."""
    try:
        variables = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))[
            "vars"
        ]
        files = generated(read_purposes(variables))
    except ContractError as error:
        print(error, file=sys.stderr)
        return 2
    there = {path.name: path.read_text(encoding="utf-8") for path in MODELS.glob("*.*")}
    if list(arguments) == ["check"]:
        if there != files:
            print(
                "models/purposes is not as vars.purposes says: run `make generated`.",
                file=sys.stderr,
            )
            return 2
        return 0
    MODELS.mkdir(exist_ok=True)
    for name in there.keys() - files.keys():
        (MODELS / name).unlink()
    for name, text in files.items():
        (MODELS / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
