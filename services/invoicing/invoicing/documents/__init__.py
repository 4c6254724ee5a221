"""The documents of invoicing: what is written, judged, printed, shown and read."""
