"""Work in the outside world, or too long for a transaction: one file for each kind of effect."""
