"""The version, in a file of its own: reading it costs no import of package metadata."""

VERSION = "0.1.0"
