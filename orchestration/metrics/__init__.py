"""Governed metrics in a run: contracts brought into the build, faults found, standing settled."""
