"""The bar that says when the server is gone; `enigma.ui.widgets.connection` mounts it on every page."""

HTML = '<p class="connection" role="status" hidden></p>'
CSS, JAVASCRIPT = "connection/connection.css", "connection/main.js"
"""Files for `enigma.figures.web.modules`."""
