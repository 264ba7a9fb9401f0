"""What `import enigma` offers: each function calls what the command line and the page call, and returns objects."""
