"""`enigma`: one file a group of commands."""
