"""Files for people: every export, with where it comes from inside."""
