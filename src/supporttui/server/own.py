"""Serving the user's own desk: its first person is the user, as its admin."""

import os
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import Engine

from supporttui.config import load_settings
from supporttui.domain.ticket import Role
from supporttui.server.database import open_database, write
from supporttui.server.people import add_user, authenticate, find_by_email, issue_token
from supporttui.server.place import DeskCard, DeskPlace, load_card, own_account, save_card
from supporttui.server.run import ServeOptions, serve

FIRST_SUBSCRIBER_WITHIN_S: Final = 10.0
"""A desk that was started for one command leaves after this, whatever comes."""


def serve_own(place: DeskPlace) -> None:
    """Serve until nobody listens any more. The lock is held. Raises ConfigProblem, DatabaseUnusable, CannotListen."""
    policy = load_settings(place.config, os.environ).policy
    engine = open_database(place.database_url)
    try:
        _introduce(place, engine)
    finally:
        engine.dispose()
    _, name = own_account()
    serve(
        ServeOptions(
            database=place.database_url,
            uploads=place.uploads,
            uds=place.socket,
            name=f"{name}'s desk",
            idle_exit_s=place.idle_exit_s,
            start_grace_s=max(place.idle_exit_s, FIRST_SUBSCRIBER_WITHIN_S),
            policy=policy,
        )
    )


def _introduce(place: DeskPlace, engine: Engine) -> None:
    """See to it that the user is on the desk, and that the card has a token that it knows."""
    email, name = own_account()
    at = datetime.now(UTC)
    card = load_card(place)
    with write(engine) as connection:
        if find_by_email(connection, email) is None:
            add_user(connection, email=email, name=name, role=Role.ADMIN, at=at)
        is_known = card is not None and authenticate(connection, card.token, email, at) is not None
        token = card.token if card is not None and is_known else issue_token(connection, email=email, at=at)
    save_card(place, DeskCard(socket=str(place.socket), email=email, token=token))
