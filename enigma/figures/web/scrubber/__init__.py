"""The scrubber's browser code, and the bytes that it draws.

`enigma.ui.pages.watch.scrubber` mounts it in the page; `enigma.figures.web.explorable` makes a page of its own of it.
"""

HTML, JAVASCRIPT = "scrubber/scrubber.html", "scrubber/main.js"
_STYLES = ("surfaces", "controls", "picture", "cards", "curves", "timeline", "selection", "narrow")
CSS = tuple(f"scrubber/styles/{name}.css" for name in _STYLES)
"""Files for `enigma.figures.web.modules`."""
