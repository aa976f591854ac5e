"""From a Scene and poses to frames."""
