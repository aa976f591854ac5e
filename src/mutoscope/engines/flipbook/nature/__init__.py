"""Water and plants that move in a marked region."""
