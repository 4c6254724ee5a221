"""The outside world behind a port: the authority and the bank."""
