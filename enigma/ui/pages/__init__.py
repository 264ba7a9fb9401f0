"""One folder a page: its module `page` has `TITLE`, `GROUP`, `ORDER`, `TAKING` and `page()`."""
