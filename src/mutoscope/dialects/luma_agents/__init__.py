"""Luma's Agents API."""
