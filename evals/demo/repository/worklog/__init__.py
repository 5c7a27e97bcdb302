"""A work log in a plain text file."""
