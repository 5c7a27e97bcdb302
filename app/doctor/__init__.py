"""`nexus doctor`: small independent checks of this machine, run at the same time, each with a deadline."""
