"""How the cooperative decides: one member, one vote, every check with its arithmetic."""
