"""The camera: a Direction's timeline becomes a pose for every frame."""
