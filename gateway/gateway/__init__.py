"""One GraphQL endpoint over the services of a country."""
