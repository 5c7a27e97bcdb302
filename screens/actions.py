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
    ),
    Action("app.jump", "ctrl+o", "jump", "Jump", "A letter on every panel; type it to go there.", priority=True),
    Action("app.theme", "ctrl+t", "change_theme", "Theme", "Choose the colours.", priority=True),
    Action("app.picture", "f8", "picture", "Picture", "Write the screen to an SVG file.", priority=True),
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
        "quit",
        "Quit",
        "Leave; a run that goes on asks whether to keep it.",
        show=True,
    ),
    # --- the run on screen ---
    Action("run.review", "v", "review", "Review", "See the change and decide on it.", show=True),
    Action("run.pause", "space", "pause", "Pause", "Pause before the next paid or slow step, or go on.", show=True),
    Action("run.cancel", "c", "cancel", "Cancel", "Stop the run and keep what it has.", show=True),
    Action("run.resume", "r", "resume", "Resume", "Drive an interrupted run on.", show=True),
    Action("run.undo", "u", "undo", "Undo", "Take back what the run delivered.", show=True),
    Action("run.rate", "s", "rate", "Rate", "Say how good the run was, 1 to 5.", show=True),
    Action("run.report", "o", "report", "Report", "Read the evidence report.", show=True),
    Action("run.prompt", "i,n", "focus_prompt", "Ask", "Type a new request.", show=True),
    Action("run.phases", "1", "focus_panel('phases')", "Phases", "Go to the phases."),
    Action("run.guardrails", "2", "focus_panel('guardrails')", "Guardrails", "Go to the guardrails."),
    Action("run.cost", "3", "focus_panel('cost')", "Cost", "Go to the cost."),
    Action("run.agent", "4", "focus_panel('agent')", "Agent", "Go to what the models write."),
    Action("run.sandbox", "5", "focus_panel('sandbox')", "Sandbox", "Go to tests and sandbox output."),
    Action("run.next", "tab", "next_panel(1)", "Next panel", "Go to the next panel, after the last to the request."),
    Action("run.previous", "shift+tab", "next_panel(-1)", "Panel before", "Go to the panel before this one."),
    Action("run.zoom", "z", "zoom", "Zoom", "Make the panel fill the screen, or shrink it back.", show=True),
    Action("run.shrink", "escape", "shrink", "Shrink", "Give the other panels their room back."),
    Action("run.export", "x", "export", "Export", "Write report, events or diff to a file."),
    Action("run.copy", "y", "copy", "Copy", "Copy what the panel shows."),
    Action("run.demo", "d", "demo", "Demo", "See a run on a sample project; needs no account.", show=True),
    Action("run.close", "w", "close", "Close", "Leave this run and go back to the start; a live one goes on."),
    # --- the request ---
    Action("prompt.send", "enter", "send", "Send", "Start a run with this request.", show=True),
    Action("prompt.newline", "ctrl+j,shift+enter", "newline", "New line", "Go on in a new line.", show=True),
    Action("prompt.take", "tab", "take", "Take file", "Take the offered file name, or go on to the panels."),
    Action("prompt.clear", "ctrl+c", "clear", "Clear", "Empty the request."),
    Action("prompt.leave", "escape", "leave", "Panels", "Leave the request and go to the panels.", show=True),
    # --- any panel of a run ---
    Action("panel.down", "j,down", "scroll('down')", "Down", "Go down a line."),
    Action("panel.up", "k,up", "scroll('up')", "Up", "Go up a line."),
    Action("panel.half_down", "ctrl+d,pagedown", "scroll('half_down')", "Half a page down", "Go down half a page."),
    Action("panel.half_up", "ctrl+u,pageup", "scroll('half_up')", "Half a page up", "Go up half a page."),
    Action("panel.top", "g,home", "scroll('top')", "Top", "Go to the first line."),
    Action("panel.bottom", "G,end", "scroll('bottom')", "Bottom", "Go to the last line, and stay with what is new."),
    Action("agent.read", "enter", "read", "Read", "Open the newest answer in full, in your editor.", show=True),
    Action("start.down", "j", "cursor_down", "Down", "The next example or run."),
    Action("start.up", "k", "cursor_up", "Up", "The example or run before."),
    # --- tests and sandbox output ---
    Action("sandbox.swap", "t", "swap", "Tests/output", "Show the tests or the output.", show=True),
    Action("sandbox.earlier", "left_square_bracket", "output(-1)", "Earlier", "Show the output before this one."),
    Action("sandbox.later", "right_square_bracket", "output(1)", "Later", "Show the output after this one."),
    Action("tests.open", "enter", "open", "Failure", "Read all that the test said.", show=True),
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
    Action("review.back", "escape", "back", "Back", "Go back without deciding.", show=True),
    Action("review.split", "d", "split", "Split", "Old and new side by side, or one below the other.", show=True),
    Action("review.zoom", "z", "zoom", "Zoom", "Give the diff the whole window, or shrink it back.", show=True),
    Action("review.edit", "e", "edit", "Editor", "Open the proposed file in your editor: a copy to read.", show=True),
    Action("review.copy", "y", "copy", "Copy", "Copy the hunk as a unified diff."),
    Action("review.files", "1", "focus_panel('files')", "Files", "Go to the changed files."),
    Action("review.diff", "2", "focus_panel('diff')", "Diff", "Go to the diff."),
    Action("review.evidence", "3", "focus_panel('evidence')", "Evidence", "Go to verdict, tests and findings."),
    # --- the list of changed files ---
    Action("files.down", "j,down", "cursor(1)", "Down", "The next file."),
    Action("files.up", "k,up", "cursor(-1)", "Up", "The file before."),
    Action("files.first", "g,home", "edge(False)", "First", "The first file."),
    Action("files.last", "G,end", "edge(True)", "Last", "The last file."),
    Action("files.open", "enter", "open", "Open", "Read the diff of this file."),
    # --- the evidence for the change ---
    Action("evidence.down", "j,down", "scroll_down", "Down", "One line down."),
    Action("evidence.up", "k,up", "scroll_up", "Up", "One line up."),
    Action("evidence.top", "g,home", "scroll_home", "Top", "To the verdict."),
    Action("evidence.bottom", "G,end", "scroll_end", "Bottom", "To the last line."),
    # --- the diff ---
    Action("diff.down", "j,down", "lines(1)", "Down", "One line down."),
    Action("diff.up", "k,up", "lines(-1)", "Up", "One line up."),
    Action("diff.half_down", "ctrl+d", "half_pages(1)", "Half page down", "Half a page down."),
    Action("diff.half_up", "ctrl+u", "half_pages(-1)", "Half page up", "Half a page up."),
    Action("diff.top", "g,home", "edge(False)", "Top", "To the first line."),
    Action("diff.bottom", "G,end", "edge(True)", "Bottom", "To the last line."),
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
    # --- history ---
    Action("history.open", "enter", "open", "Open", "Show this run on the run screen.", show=True),
    Action("history.find", "slash", "ask", "Find", "Find runs by id, request or project as you type.", show=True),
    Action(
        "history.filter", "f", "filter", "Filter", "All runs, live, verified, not verified, interrupted.", show=True
    ),
    Action("history.project", "t", "project", "This project", "Only the runs of this folder, or those of all."),
    Action("history.clear", "escape", "clear", "Clear", "Show all runs again."),
    Action(
        "history.resume", "r", "resume", "Resume", "Drive the run on; finished steps are not paid again.", show=True
    ),
    Action("history.replay", "p", "replay", "Replay", "Step through the run, forwards and back.", show=True),
    Action("history.undo", "u", "undo", "Undo", "Take back what the run delivered.", show=True),
    Action("history.rate", "s", "rate", "Rate", "Say how good the run was, 1 to 5."),
    Action("history.report", "o", "report", "Report", "Read the evidence report.", show=True),
    Action("history.review", "v", "review", "Review", "See the change that the run made."),
    Action("history.export", "x", "export", "Export", "Write report, events or diff to a file."),
    Action("history.copy", "y", "copy", "Copy id", "Copy the id of the run."),
    # --- long lists ---
    Action("list.down", "j,down", "step(1)", "Down", "Go down a row."),
    Action("list.up", "k,up", "step(-1)", "Up", "Go up a row."),
    Action("list.page_down", "pagedown", "page(1.0)", "Page down", "Go down a page."),
    Action("list.page_up", "pageup", "page(-1.0)", "Page up", "Go up a page."),
    Action("list.half_down", "ctrl+d", "page(0.5)", "Half a page down", "Go down half a page."),
    Action("list.half_up", "ctrl+u", "page(-0.5)", "Half a page up", "Go up half a page."),
    Action("list.top", "g,home", "edge(False)", "Top", "Go to the first row."),
    Action("list.bottom", "G,end", "edge(True)", "Bottom", "Go to the last row."),
    # --- a recorded run, event by event ---
    Action("replay.next", "right,n,l,j,down", "step(1)", "Next", "The next event.", show=True),
    Action("replay.previous", "left,b,h,k,up", "step(-1)", "Previous", "The event before.", show=True),
    Action("replay.next_phase", "pagedown", "phase(1)", "Next phase", "Go to where the next phase begins.", show=True),
    Action(
        "replay.previous_phase",
        "pageup",
        "phase(-1)",
        "Phase before",
        "Go to where this phase begins, or the one before.",
    ),
    Action("replay.first", "home", "edge(False)", "First", "The first event."),
    Action("replay.last", "end,G", "edge(True)", "Last", "The last event."),
    Action("replay.play", "space", "play", "Play", "Let time run, or stop it.", show=True),
    Action("replay.speed", "s", "speed", "Speed", "As fast as it was, 4 or 16 times as fast.", show=True),
    Action("replay.go", "g", "ask", "Go to", "Go to an event by its number.", show=True),
    Action("replay.phases", "1", "focus_panel('phases')", "Phases", "Go to the phases."),
    Action("replay.guardrails", "2", "focus_panel('guardrails')", "Guardrails", "Go to the guardrails."),
    Action("replay.cost", "3", "focus_panel('cost')", "Cost", "Go to the cost."),
    Action("replay.events", "4", "focus_panel('events')", "Events", "Go to the events."),
    Action("replay.tests", "5", "focus_panel('tests')", "Tests", "Go to the tests."),
    Action("replay.copy", "y", "copy", "Copy", "Copy this event."),
    Action("replay.back", "escape", "back", "Close", "Close the replay.", show=True),
    # --- a report ---
    Action("report.editor", "e", "editor", "Editor", "Read the report in your editor.", show=True),
    Action("report.copy", "y", "copy", "Copy path", "Copy the path of the report.", show=True),
    Action("report.down", "j,down", "scroll('down')", "Down", "Go down a line."),
    Action("report.up", "k,up", "scroll('up')", "Up", "Go up a line."),
    Action("report.page_down", "pagedown,space", "scroll('page_down')", "Page down", "Go down a page."),
    Action("report.page_up", "pageup,b", "scroll('page_up')", "Page up", "Go up a page."),
    Action("report.top", "g,home", "scroll('home')", "Top", "Go to the beginning."),
    Action("report.bottom", "G,end", "scroll('end')", "Bottom", "Go to the end."),
    Action("report.back", "escape", "back", "Close", "Close the report.", show=True),
    # --- doctor ---
    Action("doctor.again", "r", "again", "Again", "Make all checks again.", show=True),
    Action(
        "doctor.online", "o", "online", "Ask online", "Also ask the provider for its models; that is free.", show=True
    ),
    Action("doctor.copy", "y", "copy", "Copy remedy", "Copy the command that mends it.", show=True),
    # --- settings ---
    Action("settings.edit", "enter", "edit('user')", "Change", "Change the setting, in your file.", show=True),
    Action("settings.project", "p", "edit('project')", "In project", "Change it in the project's file.", show=True),
    Action("settings.reset", "delete,backspace", "reset", "Reset", "Take it out of your file.", show=True),
    Action("settings.filter", "slash", "filter", "Filter", "Show only settings with this text.", show=True),
    Action(
        "settings.file", "e", "open_file('user')", "Edit file", "Open your settings file in your editor.", show=True
    ),
    Action("settings.project_file", "E", "open_file('project')", "Edit project's", "Open the project's settings file."),
    Action("settings.read", "r", "read", "Read again", "Read the settings again from files and environment."),
    Action("settings.copy", "y", "copy", "Copy", "Copy the setting as a command that sets it."),
    Action("settings.back", "escape", "clear_filter", "All", "Show all settings again."),
    # --- admin ---
    Action("admin.read", "r", "read", "Read again", "Read settings, prices and the ledger again.", show=True),
    Action("admin.models", "1", "focus_panel('models')", "Models", "Go to models and budgets."),
)


@cache
def actions_of(scope: str) -> tuple[Action, ...]:
    return tuple(action for action in ACTIONS if action.scope == scope)


def bindings(scope: str) -> list[Binding | tuple[str, str] | tuple[str, str, str]]:
    """The BINDINGS of the class that owns a scope."""
    return [action.binding() for action in actions_of(scope)]
