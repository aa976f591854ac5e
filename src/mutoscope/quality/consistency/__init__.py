"""How much a character stays the same: its face, what it wears, the whole of it, each 0-100.

frames of each clip → face, figure, clothes → distances to the reference → scores, and a grid to look at
"""

from mutoscope.quality.consistency.judge import consistency
from mutoscope.quality.consistency.result import ClipScores, Consistency, Sample

__all__ = ["ClipScores", "Consistency", "Sample", "consistency"]
