"""The dashboard: pages that read what the worker writes."""
