"""Where generated code runs: isolation backends, images and the harness inside the box.

May import `config` only.
"""
