"""Short questions over a screen; each returns its answer, and the safe answer has the focus."""
