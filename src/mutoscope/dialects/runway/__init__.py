"""Runway's API, version 2024-11-06: image, text and video to video, tasks, uploads, the organization."""
