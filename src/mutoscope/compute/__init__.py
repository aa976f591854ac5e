"""Where local engines run: threads of this process, or processes beside it; a cluster can take their place."""
