"""How good a model is, and whether it copies: baselines and the overlap audit."""

from textmusic.evaluate.overlap import Overlap, OverlapIndex, run_limit

__all__ = ["Overlap", "OverlapIndex", "run_limit"]
