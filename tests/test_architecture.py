"""Who may import whom, and what no module may do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("contracts", "expectations", "orchestration", "signals")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))

MAY_IMPORT = {
    "contracts": set(),
    "expectations": {"contracts"},
    "orchestration": {"contracts", "expectations", "signals"},
    "signals": {"contracts"},
}
TOOLS_FORBIDDEN = {
    "contracts": {"dagster", "dagster_dbt", "great_expectations", "duckdb", "dbt"},
    "expectations": {"dagster", "dagster_dbt", "dbt"},
    "signals": {"dagster", "dagster_dbt", "dbt", "great_expectations"},
}


def imported(path: Path) -> set[str]:
    """The top-level names a module imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_from_orchestration_to_expectations_to_contracts(path):
    package = path.relative_to(ROOT).parts[0]
    others = imported(path) & set(PACKAGES) - {package}
    assert others <= MAY_IMPORT[package]
    assert not imported(path) & TOOLS_FORBIDDEN.get(package, set())


def test_the_export_formats_do_not_know_dagster_or_dbt():
    for path in (ROOT / "orchestration" / "exports").rglob("*.py"):
        assert not imported(path) & {"dagster", "dagster_dbt", "dbt"}, path


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_named_for_what_it_knows_and_says_it_in_one_line(path):
    assert path.stem not in {"utils", "util", "helpers", "common", "base", "manager"}
    text = path.read_text(encoding="utf-8")
    if text.strip():
        said = ast.get_docstring(ast.parse(text))
        assert said, f"{path} does not say what it knows"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_holds_two_ideas(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


def test_no_model_is_named_in_the_python_that_wires():
    """
    dbt's manifest says which models there are; a name typed twice goes stale once.
    """
    models = {path.stem for path in (ROOT / "dbt_project" / "models").rglob("*.sql")}
    for path in (ROOT / "orchestration" / "assets").rglob("*.py"):
        strings = {
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        assert not strings & (models - {"exports", "coverage"}), path


def test_a_sql_model_fits_a_page_and_states_its_grain():
    for path in (ROOT / "dbt_project" / "models").rglob("*.sql"):
        text = path.read_text(encoding="utf-8")
        assert "-- Grain:" in text, path
