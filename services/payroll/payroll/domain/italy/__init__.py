"""Italian wages: contributions to INPS, income tax with its credits by days, surtaxes, severance pay."""
