"""The outside parties of this service."""
