"""When the conversation of a refused record was opened, as far as its text still tells."""

import csv
import json
import re
from contextlib import suppress

from contracts.exports import ExportDeclaration, normal_header
from contracts.records import CONVERSATION_RECORDS
from orchestration.exports.csv_times import time_value
from orchestration.exports.recognise import Recognised

PLAUSIBLE = "between timestamptz '1990-01-01' and timestamptz '2100-01-01'"
"""When a conversation can have been opened. Outside lie zero dates and milliseconds read as seconds."""

_CREATED_AT = re.compile(r'"created_at"\s*:\s*"?([^",}\s]+)')


def opened_text(recognised: Recognised, text: str) -> str | None:
    """The opening time of a refused conversation as written; None of any other kind of record."""
    declared = recognised.declaration
    if declared.record not in CONVERSATION_RECORDS:
        return None
    if recognised.format == "csv":
        return _csv(recognised, text)
    with suppress(json.JSONDecodeError, RecursionError, ValueError):
        record = json.loads(text)
        if isinstance(record, dict) and recognised.key in record:
            record = record[recognised.key]
        if isinstance(record, dict):
            found = record.get("created_at")
            return None if found is None else str(found)
    # a record cut short shows its first such key, which is its own unless its comments come first
    found = _CREATED_AT.search(text)
    return found.group(1) if found else None


def opened_at(declared: ExportDeclaration, column: str) -> str:
    """SQL of the moment a text in `column` names; null where it names none that can be."""
    if declared.format == "intercom":
        is_epoch = f"regexp_full_match({column}, '[0-9]{{1,10}}')"
        moment = f"case when {is_epoch} then to_timestamp({column}::bigint) end"
    else:
        moment = time_value(declared, column)
    return f"(select case when moment {PLAUSIBLE} then moment end from (select {moment} as moment))"


def _csv(recognised: Recognised, text: str) -> str | None:
    declared = recognised.declaration
    places = {normal_header(header): place for place, header in enumerate(recognised.headers)}
    wanted = [normal_header(one) for one in declared.headers("opened_at")]
    place = next((places[one] for one in wanted if one in places), None)
    with suppress(csv.Error):
        reader = csv.reader(
            text.splitlines(keepends=True),
            delimiter=declared.delimiter,
            quotechar=declared.quote,
        )
        for fields in reader:
            return fields[place] if place is not None and place < len(fields) else None
    return None
