"""The two themes of Nexus; every theme of Textual can be chosen as well."""

from __future__ import annotations

from textual.theme import Theme


def _track(colour: str) -> dict[str, str]:
    """One colour for what a scroll bar runs in, whatever the mouse does."""
    names = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    return dict.fromkeys((*names, "scrollbar-corner-color"), colour)


NEXUS_DARK = Theme(
    name="nexus-dark",
    primary="#6CB6FF",
    secondary="#8DDB8C",
    accent="#DAAA3F",
    foreground="#D5DCE4",
    background="#0E131A",
    surface="#151B24",
    panel="#1D2530",
    success="#6BC46D",
    warning="#DAAA3F",
    error="#F47067",
    dark=True,
    variables={
        "border": "#3A4654",
        "border-blurred": "#2A333F",
        "footer-key-foreground": "#6CB6FF",
        **_track("#1D2530"),
    },
)

NEXUS_LIGHT = Theme(
    name="nexus-light",
    primary="#0A5FB4",
    secondary="#2A7B34",
    accent="#8A5A00",
    foreground="#1C2530",
    background="#FBFCFD",
    surface="#F1F4F7",
    panel="#E4E9EE",
    success="#1F7A2E",
    warning="#8A5A00",
    error="#B3261E",
    dark=False,
    variables={
        "border": "#A7B1BC",
        "border-blurred": "#C9D1D9",
        "footer-key-foreground": "#0A5FB4",
        **_track("#E4E9EE"),
    },
)

THEMES = (NEXUS_DARK, NEXUS_LIGHT)
