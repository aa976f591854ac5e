"""Engines elsewhere that speak the OpenAI Videos API: relays, self-hosted servers, another Mutoscope."""
