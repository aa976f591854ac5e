"""From a Shot to what a model makes, and back: pure geometry and time, no torch."""
