"""Entry points: the command line, the headless printer, doctor, and the one place that wires services.

May import everything; nothing imports it.
"""
