"""The demonstration: a small repository, a request, and the recorded answers of a model."""
