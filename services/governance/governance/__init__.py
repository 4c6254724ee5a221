"""The governance service: assemblies, the roll, votes and minutes."""
