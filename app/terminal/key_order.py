"""Keys that arrive together do what they do when they are typed one by one.

Textual gives a key to the focused widget and, when it comes back from there unused, looks for its binding. By then a
next key that was already waiting has been given out too: of `ab`, backspace, `c` in one packet stays `ab` and not `ac`,
and after `5` the second key of `5t` still goes to the panel that had the focus before. Over a slow connection, keys
always arrive together. Here a key is given out when the one before has come all the way back, and what it has set going
is done: messages that say where the focus goes, a screen that opens.
"""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Any

from textual.events import Event, Key
from textual.message import Message
from textual.message_pump import MessagePump

if TYPE_CHECKING:
    from textual.app import App

    _Base = App[Any]
else:
    _Base = object

_LONGEST_S = 0.5
"""A key that a widget took with it to its end never comes back."""


class KeyPassed(Message):
    """Follows a key through the same queues; then, as `last`, what the key's action has sent along them."""

    def __init__(self, target: MessagePump, last: bool = False) -> None:
        super().__init__()
        self.target = target
        self.last = last


class KeysInOrder(_Base):
    """Mixed into the application."""

    def __init__(self) -> None:
        super().__init__()
        self._later: deque[Key] = deque()
        self._given_at = -_LONGEST_S
        """When the key that is under way was given out, monotonic; long ago: there is none."""

    async def on_event(self, event: Event) -> None:
        if not isinstance(event, Key) or event.is_forwarded:
            await super().on_event(event)
        elif self._is_under_way() or self._later:
            self._later.append(event)
            self.set_timer(_LONGEST_S, self._give_next)
        else:
            await self._give(event)

    def _is_under_way(self) -> bool:
        return time.monotonic() - self._given_at < _LONGEST_S

    async def _give(self, key: Key) -> None:
        if not self.screen_stack:  # everything is being closed
            return
        self._given_at = time.monotonic()
        target = self.focused or self.screen
        await super().on_event(key)
        if not target.post_message(KeyPassed(target)):
            self._come_back()

    def on_key_passed(self, message: KeyPassed) -> None:
        if message.last or not message.target.post_message(KeyPassed(message.target, last=True)):
            # After what the key has set going in the application's own queue, such as moving the focus.
            self.call_later(self._wait_for_screen)

    def _wait_for_screen(self) -> None:
        """One that the key has opened takes calls once it is mounted and its focus is set."""
        if not self.screen_stack or not self.screen.call_later(self._come_back):
            self._come_back()

    def _come_back(self) -> None:
        self._given_at = -_LONGEST_S
        self.call_later(self._give_next)

    async def _give_next(self) -> None:
        if self._later and not self._is_under_way():
            await self._give(self._later.popleft())
