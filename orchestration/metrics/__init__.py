"""Governed metrics in a run: their contracts brought into the build, their faults found, their standing settled."""
