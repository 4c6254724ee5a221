"""Austrian wages: social insurance by the month, wage tax by the effective tariff, levies of the employer."""
