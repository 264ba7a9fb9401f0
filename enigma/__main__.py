"""`python -m enigma` is `enigma`."""

from enigma.cli.main import main

if __name__ == "__main__":
    main()
