"""What agents see of a repository: its map, its files, its guidance, and what they ask for. Read-only.

The engine builds one `RepoIndex` per workspace state; everything it returns is bounded and free of secrets.
"""

from core.context.agents_md import AgentsMd, read_agents_md
from core.context.languages import detect_languages, language_of
from core.context.reading import Refusal, ServedFile
from core.context.repo_map import RepoIndex
from core.context.requests import CONTEXT_REQUEST_HELP, ContextRequest, Served, parse_context_requests, serve
from core.context.secret_files import is_secret
from core.context.tokens import estimate_tokens

__all__ = [
    "CONTEXT_REQUEST_HELP",
    "AgentsMd",
    "ContextRequest",
    "Refusal",
    "RepoIndex",
    "Served",
    "ServedFile",
    "detect_languages",
    "estimate_tokens",
    "is_secret",
    "language_of",
    "parse_context_requests",
    "read_agents_md",
    "serve",
]
