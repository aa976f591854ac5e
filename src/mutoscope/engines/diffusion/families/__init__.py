"""One adapter a family of models: a Brief in, frames and sound out."""
