"""Interactive figures, drawn by Plotly."""
