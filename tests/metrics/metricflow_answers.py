"""What MetricFlow answers, asked in a process of its own: it and dbt leave their settings behind in a process."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from dbt_metricflow.cli.cli_configuration import CLIConfiguration
from metricflow.engine.metricflow_engine import MetricFlowQueryRequest


def answers(project: Path, asked: list[dict]) -> list[list[list]]:
    """The rows of each query, in the order they were asked."""
    configuration = CLIConfiguration()
    configuration.setup(
        dbt_profiles_path=project, dbt_project_path=project, configure_file_logging=False
    )
    found = []
    for query in asked:
        request = MetricFlowQueryRequest.create(
            metric_names=query["metrics"], group_by_names=query["group_by"]
        )
        table = configuration.mf.query(request).result_df
        found.append([list(row) for row in table.rows])
    return found


if __name__ == "__main__":
    rows = answers(Path(sys.argv[1]), json.load(sys.stdin))
    Path(sys.argv[2]).write_text(json.dumps(rows, default=str))
