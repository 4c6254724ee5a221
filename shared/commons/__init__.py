"""The shared library of all services: small, boring, without a word of the domain."""
