"""Signals: what is declared to be asked of every conversation, and the packs of rules that answer."""
