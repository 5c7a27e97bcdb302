"""Renders the prompts in `agents/prompts`. A variable a template names and does not get is an error, never a blank."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from core.context import CONTEXT_REQUEST_HELP
from core.gateway.model_calls import Message

if TYPE_CHECKING:
    from jinja2 import Environment


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    # Prompts are Markdown for a model: HTML escaping would change the code in them.
    return Environment(
        loader=PackageLoader("agents", "prompts"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701
        keep_trailing_newline=True,
        trim_blocks=True,
    )


def render(template: str, **values: Any) -> tuple[Message, ...]:
    """System message (the same for every call) and the template as the user's message."""
    environment = _environment()
    return (
        Message("system", environment.get_template("_system.md.j2").render(context_format=CONTEXT_REQUEST_HELP)),
        Message("user", environment.get_template(template).render(**values)),
    )
