"""Prompts and the parsing of answers, one small class per agent.

May import `core` and `config`; the orchestrator reaches agents through `core.run.ports`.
"""
