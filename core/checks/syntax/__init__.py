"""Stubs, mutants and tests of languages with braces, from tree-sitter's trees; `core.checks.languages` uses it."""
