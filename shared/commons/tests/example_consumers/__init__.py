"""A package of consumers, one file each."""
