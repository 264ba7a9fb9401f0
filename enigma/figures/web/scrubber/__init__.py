"""The scrubber's browser code, and the bytes that it draws.

`enigma.ui.pages.watch.scrubber` mounts it in the page; `enigma.figures.web.explorable` makes a page of its own of it.
"""

HTML, CSS, JAVASCRIPT = "scrubber/scrubber.html", "scrubber/scrubber.css", "scrubber/main.js"
"""Files for `enigma.figures.web.modules`."""
