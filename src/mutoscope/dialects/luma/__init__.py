"""Luma's Dream Machine API, v1."""
