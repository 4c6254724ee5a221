"""GraphQL and the client's page: they only translate."""
