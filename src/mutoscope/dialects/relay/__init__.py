"""The relays between programs and Sora: characters by id, generate, tasks."""
