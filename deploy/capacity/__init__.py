"""What a cell costs: measured on the local stack, and what follows from that for a year of a cooperative."""
