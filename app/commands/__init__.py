"""One module per subcommand, loaded when it is given: `run(argv, env)` parses, acts and returns the exit code."""
