"""One file for each event that this service reads."""
