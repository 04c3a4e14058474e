"""Times as a CSV writes them, read in the declared zone and forms."""

from contracts.exports import ExportDeclaration
from orchestration.exports.sql_text import literal

_OFFSET = r"[0-9]([Zz]| ?UTC| ?[+-][0-9]{2}(:?[0-9]{2})?)$"
"""A time that says its own offset. A day alone (2020-03-18) must not look like one: see `time_value`."""


def time_value(declared: ExportDeclaration, text: str) -> str:
    """
    A time as declared: its own offset where it has one, else the declared zone.

    Two formats that read one text differently make it ambiguous, and it is not read.
    """
    zone, value = literal(declared.time_zone), f"trim({text})"
    own = f"regexp_matches({value}, ':[0-9.]*{_OFFSET}')"
    local = [
        f"try_strptime({value}, {literal(one)})" for one in declared.time_formats if "%z" not in one
    ]
    plain = [f"timezone({zone}, {one}::timestamp)" for one in local] or [
        f"timezone({zone}, try_cast({value} as timestamp))"
    ]
    offset = [
        f"try_strptime({value}, {literal(one)})" for one in declared.time_formats if "%z" in one
    ]
    read = f"list_distinct(list_filter([{', '.join(plain)}], lambda time: time is not null))"
    one = f"case when len({read}) = 1 then {read}[1] end"
    # DuckDB reads +05:30 and +05, not +0530 nor a blank before it.
    iso = f"regexp_replace({value}, ' ?([+-][0-9]{{2}}):?([0-9]{{2}})$', '\\1:\\2')"
    stated = ", ".join([f"try_cast({iso} as timestamptz)", *offset])
    return f"case when {own} then coalesce({stated}) else {one} end"
