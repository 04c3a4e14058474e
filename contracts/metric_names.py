"""The list of metrics that dbt loops over, written from the files that declare them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "dbt_project"
METRICS = PROJECT / "models" / "metrics"
MACRO = PROJECT / "macros" / "metrics.sql"


def generated(folder: Path = METRICS) -> str:
    """The macro that names every metric of a folder, in alphabetical order."""
    names = sorted(path.stem for path in folder.rglob("*.sql"))
    listed = "".join(f"    '{name}',\n" for name in names)
    return (
        "{# Every metric there is: the files of models/metrics. Written by `make generated`. #}\n"
        f"{{% macro metrics() %}}{{{{ return([\n{listed}]) }}}}{{% endmacro %}}\n"
    )


def main(arguments: Sequence[str]) -> int:
    """`python -m contracts.metric_names [check]`: write the list, or say whether it is there. Exit code 2: not."""
    if list(arguments) == ["check"]:
        if MACRO.read_text(encoding="utf-8") != generated():
            print(
                f"{MACRO.name} does not list what {METRICS.name} holds: run `make generated`.",
                file=sys.stderr,
            )
            return 2
    else:
        MACRO.write_text(generated(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
