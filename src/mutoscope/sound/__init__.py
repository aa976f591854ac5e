"""Sound for a film: synthesised ambience, the owner's music and voice, loudness, and the track itself."""
