"""无障碍: whether a hall can be entered without steps, and that of a facility nobody may have said it."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


BEFORE = ("yes", "partly", "no")
AFTER = (*BEFORE, "unknown")


def rule(words: tuple[str, ...]) -> str:
    return "step_free IN (" + ", ".join(f"'{word}'" for word in words) + ")"


# SQLite changes a rule by making the table again. Nothing refers to a facility's row.
def change_words(old: tuple[str, ...], new: tuple[str, ...]) -> None:
    """Let the way into a facility be one of `new`."""
    if op.get_bind().dialect.name == "postgresql":
        name = op.f("ck_facility_stepfree")
        op.drop_constraint(name, "facility", type_="check")
        op.create_check_constraint(name, "facility", rule(new))
        return
    made_by = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'facility'")
    made = op.get_bind().scalar(made_by)
    if rule(old) not in made:
        raise AssertionError(made)
    op.execute("ALTER TABLE facility RENAME TO facility_before")
    op.execute(made.replace(rule(old), rule(new)))
    op.execute("INSERT INTO facility SELECT * FROM facility_before")
    op.execute("DROP TABLE facility_before")


def upgrade() -> None:
    op.add_column(
        'hall', sa.Column('access', sa.String(length=20), server_default='unknown', nullable=False)
    )
    change_words(BEFORE, AFTER)


def downgrade() -> None:
    # What nobody knew is said with care.
    op.execute("UPDATE facility SET step_free = 'no' WHERE step_free = 'unknown'")
    change_words(AFTER, BEFORE)
    # Not in a batch, which copies the table.
    op.drop_column('hall', 'access')
