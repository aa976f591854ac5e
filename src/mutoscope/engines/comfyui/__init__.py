"""A served ComfyUI: its owner's workflows, filled with a shot."""
