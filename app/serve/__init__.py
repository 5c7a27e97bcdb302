"""The terminal in a browser: a web server on the loopback interface, and one viewer process per open page.

`access` decides who may enter, `site` answers requests, `viewer` keeps the process behind a page, `child` is that
process. textual-serve brings the protocol between them and the terminal in the page. Used by `nexus serve` only.
"""
