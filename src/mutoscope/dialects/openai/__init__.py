"""OpenAI's Videos API, and what belongs to it."""
