"""Compilers, runtimes and test runners of the languages other than Python, one recipe per language."""
