"""The local stack: everything Partage needs to run on one machine, without containers."""
