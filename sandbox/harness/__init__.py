"""What runs inside the box: the supervisor (process 1) and the programs it starts. Standard library and pytest only.

The host imports `frames` alone, so that both ends speak one protocol. In the box this folder is the package
`nexus_harness`, mounted read-only.
"""
