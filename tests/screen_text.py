"""What a person would read on the screen of an app under test."""

from typing import Any

from textual.app import App
from textual.pilot import Pilot


def screen_lines(app: App[Any]) -> list[str]:
    """The lines on the screen, dialogues included."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


def screen_text(app: App[Any]) -> str:
    """The whole screen."""
    return "\n".join(screen_lines(app))


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until everything that was asked for is drawn."""
    await pilot.pause()
    await pilot.pause()
