"""What the guarantee fund promises and how it keeps it: values in, values out."""
