"""Ticket exports as received, read into schema raw. What each help desk calls things stays here."""

from orchestration.exports.load import load_exports
from orchestration.exports.raw_record import RawRecord, raw_records
from orchestration.exports.reports import LoadReport, Progress

__all__ = ["LoadReport", "Progress", "RawRecord", "load_exports", "raw_records"]
