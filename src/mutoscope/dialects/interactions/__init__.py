"""The Interactions API, which newer Google clients make films with."""
