"""`python -m enigma` is `enigma`."""

from enigma.cli import main

if __name__ == "__main__":
    main()
