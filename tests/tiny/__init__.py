"""Checkpoints of a few hundred kilobytes with random weights, in the layout of the real ones."""
