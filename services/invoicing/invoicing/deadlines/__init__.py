"""One file for each thing that falls due on a day."""
