"""Text that came from outside: fences, secrets, escapes, JSON that is almost JSON."""
