"""`python -m mutoscope` is the command line."""

from mutoscope.cli import main

main()
