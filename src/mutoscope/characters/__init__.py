"""Portable characters."""
