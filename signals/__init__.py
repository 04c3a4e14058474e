"""Signals: what a classifier is, who answers, and how an answer is held to what was declared."""
