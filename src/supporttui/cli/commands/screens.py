"""The commands that open a screen."""

from typing import Annotated

import typer
from msgspec.structs import replace

from supporttui.cli.commands.root import app, open_launch
from supporttui.cli.launch import DEFAULT_SEED, Launch


@app.command("mine", epilog="Example: supporttui mine")
def show_mine(context: typer.Context) -> int:
    """Show your own tickets, as the customer who asks: submit, answer, close."""
    return open_launch(Launch(scope=replace(context.obj, is_requester=True)))


@app.command(epilog="Example: supporttui --thin wall")
def wall(context: typer.Context) -> int:
    """Show the desk on a wall: read-only, unattended."""
    return open_launch(Launch(scope=context.obj, is_wall=True))


@app.command(epilog="Example: supporttui demo --still")
def demo(
    context: typer.Context,
    still: Annotated[bool, typer.Option("--still", help="Nothing happens by itself.")] = False,
    seed: Annotated[int, typer.Option(help="Another number, other instants and another order.")] = DEFAULT_SEED,
) -> int:
    """Open the board on demonstration data, on a desk that is thrown away afterwards."""
    return open_launch(Launch(scope=context.obj, starts_demo=True, is_still=still, seed=seed))


@app.command(epilog="Example: supporttui tour")
def tour(context: typer.Context) -> int:
    """Lead through the board in three minutes, on demonstration data; leave at any time with q."""
    return open_launch(Launch(scope=context.obj, starts_demo=True, is_still=True, is_tour=True))
