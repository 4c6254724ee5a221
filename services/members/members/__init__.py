"""The members service: persons, memberships, and the share register."""
