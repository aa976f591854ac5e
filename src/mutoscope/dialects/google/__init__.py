"""What Google's dialects share: the form of errors, the body that Veo takes, media in it, operations."""
