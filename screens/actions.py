"""The one list of what can be done by key: footer, palette, help and the user's keymap are made from it.

The part of an id before the dot is its scope, where it works: everywhere (`app`), on a screen or in a panel. `call` is
the name of the `action_…` method there. Keys that terminals cannot tell apart or that multiplexers take are never
used: see `RESERVED`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from textual.binding import Binding

RESERVED = frozenset(
    # backspace, tab and enter in disguise; flow control; job control; prefixes of screen and tmux
    {"ctrl+h", "ctrl+i", "ctrl+m", "ctrl+s", "ctrl+z", "ctrl+a", "ctrl+b", "f10", "f11", "f12"}
)


@dataclass(frozen=True, slots=True)
class Action:
    id: str
    keys: str
    """Key names, separated by commas; the first one is shown."""
    call: str
    title: str
    """One or two words for footer and palette."""
    help: str
    show: bool = False
    """Whether it stands in the footer."""
    priority: bool = False
    """Works even while text is typed."""

    @property
    def scope(self) -> str:
        return self.id.partition(".")[0]

    @property
    def label(self) -> str:
        """How the palette names it: `group: verb`."""
        return f"{self.scope}: {self.title.lower()}"

    def binding(self) -> Binding:
        return Binding(
            self.keys, self.call, self.title, show=self.show, priority=self.priority, id=self.id, tooltip=self.help
        )


ACTIONS: tuple[Action, ...] = (
    # --- everywhere ---
    Action("app.help", "f1,question_mark", "help", "Help", "Keys and what they do, here and everywhere.", show=True),
    Action(
        "app.run",
        "f2",
        "show_mode('run')",
        "Run",
        "The run you are watching, and the prompt for a new one.",
        priority=True,
    ),
    Action(
        "app.history",
        "f3",
        "show_mode('history')",
        "History",
        "All runs: find, open, resume, undo, rate.",
        show=True,
        priority=True,
    ),
    Action(
        "app.doctor",
        "f4",
        "show_mode('doctor')",
        "Doctor",
        "What this machine can do, and what mends it.",
        priority=True,
    ),
    Action(
        "app.settings",
        "f5",
        "show_mode('settings')",
        "Settings",
        "Every setting, where it comes from, and changing it.",
        priority=True,
    ),
    Action("app.admin", "f6", "show_mode('admin')", "Admin", "Models, prices, budgets and spending.", priority=True),
    Action("app.back", "minus", "last_mode", "Last screen", "Back to the screen you came from."),
    Action(
        "app.palette",
        "ctrl+p,colon",
        "command_palette",
        "Palette",
        "Find any action by typing part of its name.",
        show=True,
        priority=False,
    ),
    Action("app.jump", "ctrl+o", "jump", "Jump", "A letter on every panel; type it to go there.", priority=True),
    Action("app.theme", "ctrl+t", "change_theme", "Theme", "Choose the colours.", priority=True),
    Action(
        "app.mouse",
        "M",
        "toggle_mouse",
        "Mouse",
        "Give the mouse to the terminal, to select text its way, or take it back.",
    ),
    Action(
        "app.quit",
        "q,ctrl+q",
        "leave",
        "Quit",
        "Leave; a run that goes on asks whether to keep it.",
        show=True,
        priority=False,
    ),
    # --- the run on screen ---
    Action("run.prompt", "i,n", "focus_prompt", "Ask", "Type a new request.", show=True),
    Action("run.phases", "1", "focus_panel('phases')", "Phases", "Go to the phases."),
    Action("run.guardrails", "2", "focus_panel('guardrails')", "Guardrails", "Go to the guardrails."),
    Action("run.cost", "3", "focus_panel('cost')", "Cost", "Go to the cost."),
    Action("run.agent", "4", "focus_panel('agent')", "Agent", "Go to what the models write."),
    Action("run.sandbox", "5", "focus_panel('sandbox')", "Sandbox", "Go to tests and sandbox output."),
    Action("run.zoom", "z", "zoom", "Zoom", "Make the panel fill the screen, or shrink it back."),
    Action("run.review", "v", "review", "Review", "See the change and decide on it.", show=True),
    Action("run.pause", "space", "pause", "Pause", "Pause before the next paid or slow step, or go on.", show=True),
    Action("run.cancel", "c", "cancel", "Cancel", "Stop the run and keep what it has.", show=True),
    Action("run.resume", "r", "resume", "Resume", "Drive an interrupted run on.", show=True),
    Action("run.undo", "u", "undo", "Undo", "Take back what the run delivered.", show=True),
    Action("run.rate", "s", "rate", "Rate", "Say how good the run was, 1 to 5."),
    Action("run.report", "o", "report", "Report", "Read the evidence report."),
    Action("run.export", "x", "export", "Export", "Write report, events or diff to a file."),
    Action("run.copy", "y", "copy", "Copy", "Copy the panel's line or selection."),
    Action("run.demo", "d", "demo", "Demo", "See a run on a sample project; needs no account."),
    # --- the change under review ---
    Action("review.approve", "a", "approve", "Approve", "Deliver the change, or only its marked files.", show=True),
    Action("review.reject", "r", "reject", "Reject", "Send it back to the implementer with a comment.", show=True),
    Action("review.mark", "space", "mark", "Mark", "Mark this file for approval, or leave it out.", show=True),
    Action("review.mark_all", "m", "mark_all", "Mark all", "Mark all files for approval, or none."),
    Action(
        "review.next",
        "n,right_square_bracket",
        "step(1)",
        "Next",
        "Go to the next hunk; after the last, to the next file.",
        show=True,
    ),
    Action(
        "review.previous",
        "p,left_square_bracket",
        "step(-1)",
        "Previous",
        "Go to the hunk before; before the first, to the file before.",
    ),
    Action("review.split", "d", "split", "Split", "Old and new side by side, or one below the other.", show=True),
    Action("review.zoom", "z", "zoom", "Zoom", "Give the diff the whole window, or shrink it back.", show=True),
    Action("review.edit", "e", "edit", "Editor", "Open the proposed file in your editor: a copy to read.", show=True),
    Action("review.copy", "y", "copy", "Copy", "Copy the hunk as a unified diff."),
    Action("review.files", "1", "focus_panel('files')", "Files", "Go to the changed files."),
    Action("review.diff", "2", "focus_panel('diff')", "Diff", "Go to the diff."),
    Action("review.evidence", "3", "focus_panel('evidence')", "Evidence", "Go to verdict, tests and findings."),
    Action("review.back", "escape", "back", "Back", "Go back without deciding.", show=True),
    # --- the list of changed files ---
    Action("files.down", "j,down", "cursor(1)", "Down", "The next file."),
    Action("files.up", "k,up", "cursor(-1)", "Up", "The file before."),
    Action("files.first", "g,home", "edge(False)", "First", "The first file."),
    Action("files.last", "G,end", "edge(True)", "Last", "The last file."),
    Action("files.open", "enter", "open", "Open", "Read the diff of this file."),
    # --- the diff ---
    Action("diff.down", "j,down", "scroll_down", "Down", "One line down."),
    Action("diff.up", "k,up", "scroll_up", "Up", "One line up."),
    Action("diff.half_down", "ctrl+d", "half_page(1)", "Half page down", "Half a page down."),
    Action("diff.half_up", "ctrl+u", "half_page(-1)", "Half page up", "Half a page up."),
    Action("diff.top", "g,home", "scroll_home", "Top", "To the first line."),
    Action("diff.bottom", "G,end", "scroll_end", "Bottom", "To the last line."),
    Action("diff.left", "h,left", "sideways(-1)", "Left", "See what is cut off on the left."),
    Action("diff.right", "l,right", "sideways(1)", "Right", "See what is cut off on the right."),
    # --- sandbox output ---
    Action(
        "log.find",
        "slash",
        "ask",
        "Find",
        "Find text in the output as you type; !text finds rows without it.",
        show=True,
    ),
    Action("log.next", "n", "next_match(1)", "Next match", "Go to the next row with the text."),
    Action("log.previous", "N", "next_match(-1)", "Previous match", "Go to the row with the text before this one."),
    Action("log.filter", "ampersand", "narrow", "Filter", "Show only the rows with the text, or all again."),
    Action("log.clear", "escape", "clear", "Clear", "End search, filter or selection."),
    Action("log.follow", "f", "follow", "Follow", "Keep the newest row in sight, or stay here.", show=True),
    Action("log.down", "j,down", "move(1)", "Down", "Go down a row."),
    Action("log.up", "k,up", "move(-1)", "Up", "Go up a row; following ends."),
    Action("log.page_down", "pagedown", "page(1.0)", "Page down", "Go down a page."),
    Action("log.page_up", "pageup", "page(-1.0)", "Page up", "Go up a page."),
    Action("log.half_down", "ctrl+d", "page(0.5)", "Half a page down", "Go down half a page."),
    Action("log.half_up", "ctrl+u", "page(-0.5)", "Half a page up", "Go up half a page."),
    Action("log.top", "g,home", "top", "Top", "Go to the first row."),
    Action("log.bottom", "G,end", "bottom", "Bottom", "Go to the newest row and follow."),
    Action("log.right", "l,right", "shift(16)", "Right", "See more of long rows."),
    Action("log.left", "h,left", "shift(-16)", "Left", "Go back to the beginning of long rows."),
    Action("log.select", "V", "mark", "Select rows", "Begin a selection here; moving extends it."),
    Action("log.copy", "y", "copy", "Copy", "Copy the selection, or the row you are at."),
)


@cache
def actions_of(scope: str) -> tuple[Action, ...]:
    return tuple(action for action in ACTIONS if action.scope == scope)


def bindings(scope: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The BINDINGS of the class that owns a scope."""
    return [action.binding() for action in actions_of(scope)]
