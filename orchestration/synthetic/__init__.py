"""Synthetic exports: a help desk's year, with the truth about it beside."""

from orchestration.synthetic.plants import PLANTS
from orchestration.synthetic.writing import GeneratedExport, generate, generate_day

__all__ = ["PLANTS", "GeneratedExport", "generate", "generate_day"]
