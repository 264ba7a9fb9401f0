"""One file a page: a module here with `TITLE`, `ORDER` and `page()` is in the navigation."""
