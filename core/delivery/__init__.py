"""Brings a run's changes to the user's files, and takes them back: transactions that survive `kill -9`.

`deliver` and `undo` are called by the engine and the command line, `recover` at every start.
"""

from core.delivery.deliver import deliver
from core.delivery.model import Delivery
from core.delivery.transaction import recover
from core.delivery.undo import undo

__all__ = ["Delivery", "deliver", "recover", "undo"]
