"""How a photograph is taken apart: photograph in, Scene out."""
