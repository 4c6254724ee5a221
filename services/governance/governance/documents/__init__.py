"""The documents that governance writes."""
