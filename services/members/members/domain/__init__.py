"""What the cooperative decides about its members: values in, values out."""
