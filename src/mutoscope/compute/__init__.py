"""Where local engines run: threads of this process now; a pool or a cluster can take their place."""
