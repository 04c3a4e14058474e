"""Clauses become suites, and the one place that runs Great Expectations on DuckDB."""
