"""What the payroll service decides: values in, values out, no clock and no database."""
