"""Entropies, losses, distance heads and rules of stopping, as functions of predictions."""
