"""What runs in the process of a device: only here, and in the families, torch is imported."""
