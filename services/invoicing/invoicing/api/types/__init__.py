"""One file for each type of the API; each describes a row, which is returned as it is."""
