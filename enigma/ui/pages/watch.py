"""Watch: choose, run, and scrub one run."""

from enigma.ui.watch import page

page()
