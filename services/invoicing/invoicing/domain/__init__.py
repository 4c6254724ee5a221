"""What invoicing decides: values in, values out; no database, no clock, no setting."""
