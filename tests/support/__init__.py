"""Real servers and repositories that tests run against."""
