"""Figures for print, drawn by Matplotlib."""
