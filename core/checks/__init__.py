"""What decides whether a candidate is good: verification by execution, and the pure checkers around it."""
