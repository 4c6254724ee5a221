"""French wages: contributions line by line, the general reduction over the year, income tax at source."""
