"""What the cut-out subject does by itself: float, bounce, spin, slide."""
