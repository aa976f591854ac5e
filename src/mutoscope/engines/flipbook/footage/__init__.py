"""Films that are there already: read, graded, retimed, reframed, and gone on with."""
