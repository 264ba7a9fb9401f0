"""What a figure shows and how it is called, before any library draws it."""
