"""How many tokens a text may cost, without a tokenizer."""

from __future__ import annotations

CHARS_PER_TOKEN = 3
"""English and code run at 3.5-4.5 characters per token; three leaves room for dense punctuation."""


def estimate_tokens(text: str) -> int:
    """Tokens in `text`, on the high side: a third of its ASCII characters, half of the bytes of all others."""
    total = len(text.encode("utf-8", "replace"))
    plain = len(text.encode("ascii", "ignore"))
    return -(-plain // CHARS_PER_TOKEN) + -(-(total - plain) // 2)


def clip(text: str, token_budget: int) -> str:
    """The longest run of whole lines from the start of `text` that fits in the budget."""
    if estimate_tokens(text) <= token_budget:
        return text
    kept: list[str] = []
    left = token_budget
    for line in text.splitlines(keepends=True):
        left -= estimate_tokens(line)
        if left < 0:
            break
        kept.append(line)
    return "".join(kept)
