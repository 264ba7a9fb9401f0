"""One folder a page: its module `page` has `TITLE`, `ORDER` and `page()`, and is in the navigation."""
