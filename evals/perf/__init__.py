"""Speed and size, each as a ratio against a peer or a floor measured in the same run: `python -m evals.perf`."""
