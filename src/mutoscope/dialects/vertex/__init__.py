"""Vertex AI's way to make films with Veo: long-running operations of publishers' models."""
