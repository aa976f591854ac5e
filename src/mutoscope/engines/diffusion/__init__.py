"""Models with open weights, run on this machine."""
