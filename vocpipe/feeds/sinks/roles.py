"""The roles of a database that the feed is pushed to: one that may read it, one that may write it, and nothing more."""

from vocpipe.errors import ConfigError
from vocpipe.feeds.sinks.postgres import check_name, connected, shown

_SCRIPT = """\
-- Roles of the feed: {reader} reads the schema {schema}, {writer} pushes to it. Run by an owner of the database; running it again changes nothing.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{reader}') THEN
        CREATE ROLE {reader} NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{writer}') THEN
        CREATE ROLE {writer} NOLOGIN;
    END IF;
END
$$;
CREATE SCHEMA IF NOT EXISTS {schema};
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;
GRANT USAGE, CREATE ON SCHEMA {schema} TO {writer};
GRANT USAGE ON SCHEMA {schema} TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {reader};
GRANT {writer} TO CURRENT_USER;
ALTER DEFAULT PRIVILEGES FOR ROLE {writer} IN SCHEMA {schema} GRANT SELECT ON TABLES TO {reader};
-- Then one login for each program, for instance:
--   CREATE ROLE push_voc LOGIN PASSWORD '…' IN ROLE {writer};
--   ALTER ROLE push_voc SET role = '{writer}';  -- so that what it makes belongs to {writer}, and {reader} may read it
--   CREATE ROLE dashboards LOGIN PASSWORD '…' IN ROLE {reader};
"""


def role_script(schema: str = "voc", reader: str = "voc_reader", writer: str = "voc_writer") -> str:
    """Return the SQL that makes the two roles and gives them what they need on the schema, and nothing else.

    Raises `ConfigError` for a strange name, and for the schema public, whose rights everyone else stands on.
    """
    if schema == "public":
        raise ConfigError("the roles are not made on the schema public: the script takes from everyone else the rights on its schema", "give another --schema")
    return _SCRIPT.format(schema=check_name(schema, "schema"), reader=check_name(reader, "role"), writer=check_name(writer, "role"))


def apply_roles(url: str, schema: str = "voc", reader: str = "voc_reader", writer: str = "voc_writer") -> str:
    """Run that script in the database, as one transaction; return the name of the database. Raises `ConfigError` or `WorkspaceError`."""
    script = role_script(schema, reader, writer)
    with connected(url) as server, server.transaction():
        server.execute(script.encode())
    return shown(url)
