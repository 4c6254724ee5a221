"""What every test may ask for."""

pytest_plugins = ["commons.testing.fixtures"]
