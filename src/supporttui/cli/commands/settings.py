"""The commands about this installation: its settings, and what it rests on."""

import typer

from supporttui.cli.commands.root import app


@app.command()
def doctor(context: typer.Context) -> int:
    """Say what the clocks rest on: the tz data in use, the holidays, the settings."""
    from supporttui.cli.doctor import print_doctor

    return print_doctor(context.obj)
