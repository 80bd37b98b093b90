"""What the server's own launcher makes up before it starts anything."""

from __future__ import annotations

from graph_models.stores.neo4j.server import new_password


def test_no_password_can_be_read_as_an_option_of_the_tool() -> None:
    # Of a thousand URL-safe ones about sixteen began with "-", and the server did not start.
    made = {new_password() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(password) == 48 and password.isalnum() for password in made)
