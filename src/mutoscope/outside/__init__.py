"""What the house says to addresses outside: fetching, webhooks."""
