"""Swedish wages: preliminary tax by the tables of Skatteverket, and contributions of the employer alone."""
