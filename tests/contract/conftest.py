"""What the contract tests share: a PostgreSQL server, and a table of reviews in it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contract.reviews_table import PASSWORD, TABLE, USER, invented


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The SQLAlchemy URL of a PostgreSQL server that lives as long as the tests, as a superuser; each test makes its own schemas and roles in it."""
    pytest.importorskip("psycopg")
    from tests.postgres import NoServerError, server

    try:
        with server() as url:
            yield url
    except NoServerError as error:
        pytest.skip(f"PostgreSQL cannot start: {error}")


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Iterator[Any]:
    """A connection of the owner to a schema with a table `avis`, and a role that may only read it."""
    import psycopg

    with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")
        connection.execute(
            f"CREATE SCHEMA survey; GRANT USAGE ON SCHEMA survey TO {USER}; ALTER ROLE {USER} SET search_path = survey; SET search_path = survey"
        )
        connection.execute(f"{TABLE}; GRANT SELECT ON avis TO {USER}; CREATE TABLE interdit (id int); CREATE SEQUENCE compteur")
        connection.execute(f"GRANT USAGE ON SEQUENCE compteur TO {USER}")
        rows = invented()
        with connection.cursor() as cursor, cursor.copy(f"COPY avis ({', '.join(rows[0])}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row([json.dumps(value) if isinstance(value, dict) else value for value in row.values()])
        yield connection
        connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{USER}'")
        connection.execute(f"DROP SCHEMA survey CASCADE; DROP OWNED BY {USER}; DROP ROLE {USER}")


@pytest.fixture
def url(postgres: Any, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of the role that may only read, in the environment."""
    import sqlalchemy as sa

    found: str = sa.make_url(postgres_url).set(username=USER, password=PASSWORD).render_as_string(hide_password=False)
    monkeypatch.setenv("VOC_DB", found)
    return found
