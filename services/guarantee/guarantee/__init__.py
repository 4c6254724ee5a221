"""The guarantee service: the fund that pays wages when clients are late."""
