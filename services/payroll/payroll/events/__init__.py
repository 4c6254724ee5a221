"""What this service announces and what it reads."""
