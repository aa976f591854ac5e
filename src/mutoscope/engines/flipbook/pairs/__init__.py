"""From one still to another."""
