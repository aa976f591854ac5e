"""Light, weather and lens: what changes the picture without moving anything in it."""
