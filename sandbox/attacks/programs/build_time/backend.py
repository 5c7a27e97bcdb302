import setup  # noqa: F401
