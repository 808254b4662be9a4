"""Migrations: on both databases they give exactly the tables that the classes describe."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Connection, Integer, MetaData, Table, column, inspect, select, text

from domain.devices.tables import Device, DeviceKind
from domain.errors import StoreUnavailableError
from domain.migrating import check_schema, config, migrate, newest
from domain.store import Store
from push.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from tests.world.databases import PostgresCluster, SqliteFiles

VERSIONS = "alembic_version"


def differences(connection: Connection, tables: MetaData = metadata) -> list[Any]:
    """What a migration would still have to change."""
    options = {"compare_type": True, "compare_server_default": True}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), tables))


def rules(connection: Connection) -> dict[str, dict[str, Any]]:
    """Every table's columns, keys, indexes and checks, as the database itself lists them."""
    found = inspect(connection)
    return {
        table: {
            "columns": [(each["name"], str(each["type"]), each["nullable"], each["default"])
                        for each in found.get_columns(table)],
            "key": found.get_pk_constraint(table),
            "foreign": sorted(map(repr, found.get_foreign_keys(table))),
            "unique": sorted(map(repr, found.get_unique_constraints(table))),
            "indexes": sorted(json.dumps(each, default=str) for each in found.get_indexes(table)),
            "checks": sorted(map(repr, found.get_check_constraints(table))),
        }
        for table in found.get_table_names()
        if table != VERSIONS
    }  # fmt: skip


def downgrade(connection: Connection) -> None:
    """Take every migration back."""
    without_triggers(connection)
    command.downgrade(config(connection), "base")


def without_triggers(connection: Connection) -> None:
    """On SQLite, drop the lengths that only tests enforce there."""
    if connection.dialect.name == "sqlite":
        planted = text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for name in connection.scalars(planted).all():
            connection.execute(text(f'DROP TRIGGER "{name}"'))


async def test_migrations_give_the_tables_of_the_classes(store: Store) -> None:
    assert await store.with_connection(differences) == []


def test_the_newest_revision_is_alembics_head() -> None:
    assert newest() == ScriptDirectory.from_config(config()).get_current_head()


async def test_a_forgotten_column_would_be_noticed(store: Store) -> None:
    planted = MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        table.to_metadata(planted)
    planted.tables["hall"].append_column(Column("seats", Integer))
    Table("planted", planted, Column("id", Integer, primary_key=True))
    found = await store.with_connection(lambda connection: differences(connection, planted))
    assert [each[0] for each in found] == ["add_table", "add_column"]


async def test_every_rule_of_the_schema_is_in_the_migrations(store: Store) -> None:
    migrated = await store.with_connection(rules)
    await store.with_connection(downgrade)
    await store.with_connection(metadata.create_all)
    described = await store.with_connection(rules)
    assert migrated.keys() == described.keys()
    for table, rule in described.items():
        assert migrated[table] == rule, table


async def test_taking_everything_back_leaves_nothing(sample: Store) -> None:
    await sample.with_connection(downgrade)
    names = await sample.with_connection(lambda connection: inspect(connection).get_table_names())
    assert names == [VERSIONS]
    with pytest.raises(StoreUnavailableError, match="database is empty"):
        await check_schema(sample)


async def test_after_taking_everything_back_migrating_works_again(store: Store) -> None:
    before = await store.with_connection(rules)
    await store.with_connection(downgrade)
    await migrate(store)
    assert await store.with_connection(rules) == before
    await check_schema(store)


NOT_CARRIED_OVER = {"pairing", VERSIONS}
"""A device asks for a new pairing by itself."""


def rows(connection: Connection) -> dict[str, list[int]]:
    """The ids in every table that has any, as far as they must survive."""
    found = inspect(connection)
    return {
        table: sorted(
            connection.scalars(select(column("id")).select_from(Table(table, MetaData())))
        )
        for table in set(found.get_table_names()) - NOT_CARRIED_OVER
        if "id" in {each["name"] for each in found.get_columns(table)}
    }


def back_and_forth(connection: Connection) -> dict[str, int]:
    """Take one migration back and make it again, from the newest down; rows kept, by revision.

    Where a table itself goes and comes, its rows are gone; in all others they stand as before.
    """
    without_triggers(connection)
    kept = {}
    for each in ScriptDirectory.from_config(config()).walk_revisions():
        if each.down_revision is None:
            break
        command.downgrade(config(connection), str(each.down_revision))
        before = rows(connection)
        command.upgrade(config(connection), each.revision)
        after = rows(connection)
        assert {table: after[table] for table in before} == before, each.revision
        command.downgrade(config(connection), str(each.down_revision))
        kept[each.revision] = sum(map(len, before.values()))
    return kept


async def test_every_row_survives_every_migration(
    databases: SqliteFiles | PostgresCluster,
) -> None:
    store = Store(databases.copy("lively"))
    await store.open()
    await store.write(add_device)
    kept = await store.with_connection(back_and_forth)
    assert kept["0025"] > kept["0002"] > 300
    await store.close()
    databases.drop(str(store.url))


async def add_device(session: AsyncSession) -> None:
    """A screen of the first hall."""
    now = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
    times = {"paired_at": now, "seen_at": now}
    session.add(Device(hall_id=1, kind=DeviceKind.SCREEN, name="门口", key_hash="0" * 64, **times))


async def test_migrating_twice_changes_nothing(sample: Store) -> None:
    await migrate(sample)
    await check_schema(sample)
    async with sample.read() as session:
        assert await session.scalar(text("SELECT count(*) FROM service_item")) == 50


async def test_a_database_of_another_version_is_refused_in_words(store: Store) -> None:
    words = text("UPDATE alembic_version SET version_num = '0000'")
    await store.with_connection(lambda connection: connection.execute(words))
    with pytest.raises(StoreUnavailableError, match="at schema 0000, this version needs"):
        await check_schema(store)


async def test_a_migration_that_fails_leaves_the_database_as_it_was(store: Store) -> None:
    before = await store.with_connection(rules)

    def interrupted(connection: Connection) -> None:
        downgrade(connection)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await store.with_connection(interrupted)
    assert await store.with_connection(rules) == before
