"""The packages of a project as a read-only folder: fetched once with network, read by its boxes without.

`declared` reads what a project asks for, `python` and `node` fetch it without running any of it, `store` keeps it.
"""
