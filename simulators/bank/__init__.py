"""A simulated bank: payment orders in (pain.001), their fate out (pain.002), statements (camt.053)."""
