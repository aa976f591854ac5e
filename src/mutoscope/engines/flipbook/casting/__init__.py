"""Characters put into a scene: their cut-outs placed, lit and standing in it."""
