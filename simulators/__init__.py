"""Simulated outside parties: the programs that stand behind Partage's ports on a developer's machine."""
