"""`python -m enigma` is `enigma`."""

from enigma.cli import main

main()
