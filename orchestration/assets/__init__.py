"""The graph: exports, raw, the dbt layers, the audit and what is published."""
