"""GraphQL: it only translates."""
