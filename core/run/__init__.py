"""The life of a run: its session, its services, its conversation with models, its repair loop, its steering.

The phases themselves are in `core.lifecycle_orchestrator`.
"""
