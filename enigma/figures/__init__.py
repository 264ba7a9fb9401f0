"""From numbers to pictures and files: for the screen, for print, for the browser, for export."""
