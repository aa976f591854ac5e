"""One room a dialect: wire in → Shot, job → wire out."""
