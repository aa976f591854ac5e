"""What a film is worth, in numbers: one file a measure, each a function of frames with a small result.

Frames are n×h×w×3, RGB uint8, as `reel.reel` reads them. No measure knows which engine made the film.
"""
