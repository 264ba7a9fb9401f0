"""The figures of the Functional page, which compute and draw by themselves.

`enigma.ui.pages.functional.component` mounts them in the page.
"""

HTML = '<section class="figure lab"></section>'
CSS, JAVASCRIPT = ("functional/lab.css",), "functional/main.js"
"""Files for `enigma.figures.web.modules`."""
