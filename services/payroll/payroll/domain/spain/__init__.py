"""Spanish wages: contributions between two bases, and withholding at a rate computed for the year."""
