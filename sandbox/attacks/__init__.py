"""Attacks on the sandbox: hostile programs, what has to come of each, and the suite that tries them on this machine.

The test suite and `nexus sandbox test` run the same table. `programs/` holds the programs themselves: data, never
imported.
"""
