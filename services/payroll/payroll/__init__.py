"""The payroll service: contracts, declarations, payslips and wages."""
