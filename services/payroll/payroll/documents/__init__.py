"""What payroll puts on paper and in files: payslips, payment files, the bank's answers."""
