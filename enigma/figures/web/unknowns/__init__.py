"""The view of the Unknowns page, which draws every frame of a run by itself.

`enigma.ui.pages.unknowns.component` mounts it in the page.
"""

HTML = '<section class="figure unknowns"></section>'
CSS, JAVASCRIPT = ("unknowns/unknowns.css",), "unknowns/main.js"
"""Files for `enigma.figures.web.modules`."""
