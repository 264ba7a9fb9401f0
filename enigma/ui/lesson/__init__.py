"""The Learn page's story: what it says, how one moves through it, and its words."""
