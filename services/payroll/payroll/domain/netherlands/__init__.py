"""Dutch wages: wage tax and national insurance by the white table, premiums of the employer over the year."""
