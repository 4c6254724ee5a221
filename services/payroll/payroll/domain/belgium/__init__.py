"""Belgian payroll: social contributions, work bonus, withholding tax, employer's contributions."""
