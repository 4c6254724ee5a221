"""Hungarian wages: personal income tax, social security contribution, social contribution tax."""
