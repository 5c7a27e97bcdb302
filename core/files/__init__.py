"""Files and git, safely: no link is followed out of a tree, no hook runs, nothing waits for a prompt."""
