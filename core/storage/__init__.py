"""The database and what is kept in it: one writer per process, the run log, the journal, locks between processes.

Knows nothing of models, sandboxes or agents.
"""
