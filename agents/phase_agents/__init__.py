"""One agent per phase: a prompt and the parsing of its answer. Pure; the engine does the asking."""
