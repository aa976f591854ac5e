"""The house's own API, in its own words."""
