"""`python -m ix` is the command `ix`."""

from ix.cli import main

main()
