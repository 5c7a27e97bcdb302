"""Keys in words, and the actions that can be done where the focus is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen

from screens.actions import ACTIONS, Action


def key_name(key: str) -> str:
    """`question_mark` as `?`, `ctrl+p` as it is."""
    *modifiers, last = key.split("+") if len(key) > 1 else [key]
    character = key_to_character(last)
    shown = character if character and character.isprintable() and not character.isspace() else last
    return "+".join([*modifiers, shown])


def keys_of(action: Action, keymap: Mapping[str, str]) -> tuple[str, ...]:
    """Textual's names of the keys of an action; `keymap` is the user's, by action id."""
    return tuple(key.strip() for key in keymap.get(action.id, action.keys).split(",") if key.strip())


def keys_in_words(action: Action, keymap: Mapping[str, str]) -> str:
    """Such as `F1, ?`; empty: only the palette does it."""
    return ", ".join(map(key_name, keys_of(action, keymap)))


def actions_at(node: DOMNode) -> list[Action]:
    """The actions that the class of `node` owns, in the order of the registry."""
    own = {
        binding.id
        for base in type(node).__mro__
        for binding in vars(base).get("BINDINGS", ())
        if isinstance(binding, Binding) and binding.id
    }
    return [action for action in ACTIONS if action.id in own]


def actions_in_reach(screen: Screen[Any]) -> Iterator[tuple[DOMNode, list[Action]]]:
    """What has actions, from the focused widget up to the application, each with those that can be done now."""
    inner = screen if screen.focused is None else screen.focused
    for node in inner.ancestors_with_self:
        if actions := [action for action in actions_at(node) if is_possible(node, action)]:
            yield node, actions


def is_possible(node: DOMNode, action: Action) -> bool:
    """Whether `node` would do it now."""
    _, name, parameters = parse(action.call)
    return node.check_action(name, parameters) is True
