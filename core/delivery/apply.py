"""Carries out the steps of a delivery on the user's files, and takes them back. Repeating either is harmless."""

from __future__ import annotations

from collections.abc import Sequence

from core.delivery.model import Clash, Record, Step
from core.delivery.plan import plan_file
from core.files.tree import Moved, PathRefused, Tree, same


class NotApplied(Exception):
    """A file could not be put in place. `moved`: it changed since the plan was made, so a new plan may do."""

    def __init__(self, clash: Clash, *, moved: bool = False) -> None:
        super().__init__(str(clash))
        self.clash = clash
        self.moved = moved


def apply_steps(tree: Tree, record: Record, steps: Sequence[Step]) -> None:
    """Bring every file from `before` to `after`. Raises NotApplied at the first that cannot; the rest stays."""
    for step in _in_order(steps):
        try:
            if not same(tree.read(step.path), step.after):
                tree.replace(step.path, step.before, step.after, record.temporary(step.path))
        except Moved as error:
            raise NotApplied(Clash(step.path, "was changed at this very moment"), moved=True) from error
        except PathRefused as error:
            raise NotApplied(Clash(step.path, f"cannot be reached ({error.message})")) from error
        except OSError as error:
            raise NotApplied(Clash(step.path, f"cannot be written ({error.strerror})")) from error


def take_back(tree: Tree, record: Record, steps: Sequence[Step]) -> tuple[tuple[Clash, ...], bool]:
    """Bring every file back to `before`, keeping what the user did to it since.

    Returns what stays different because the user's own change is in the way, and whether everything else is back.
    """
    kept, complete = [], True
    for step in reversed(_in_order(steps)):
        try:
            tree.clear(step.path, record.temporary(step.path))
            plan = plan_file(step.path, step.after, tree.read(step.path), step.before)
            if isinstance(plan, Clash):
                kept.append(plan)
            elif plan is not None:
                tree.replace(plan.path, plan.before, plan.after, record.temporary(step.path))
        except (Moved, PathRefused):
            kept.append(Clash(step.path, "was changed"))
        except OSError:
            complete = False
    return tuple(kept), complete


def is_between(tree: Tree, steps: Sequence[Step]) -> bool:
    """Whether every file is exactly as before or exactly as after, so that nobody else changed one."""
    try:
        return all(same(now, step.before) or same(now, step.after) for step in steps for now in [tree.read(step.path)])
    except (OSError, PathRefused):
        return False


def _in_order(steps: Sequence[Step]) -> list[Step]:
    """Deletions first, because a file may become a folder or the reverse."""
    return sorted(steps, key=lambda step: (step.after is not None, step.path))
