"""Settings, defaults, paths and the error hierarchy.

The lowest layer: every package may import it, and it imports none of them.
"""
