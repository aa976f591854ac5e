"""The server: the app as a value, and what it is made of."""
