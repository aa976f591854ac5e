"""Photographs at frames of their own: the film meets each exactly, and finds its way between them."""
