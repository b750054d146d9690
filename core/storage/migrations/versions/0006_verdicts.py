"""what somebody said of a row, rules that hide rows for a while, and which datasets hold the same rows over time"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage.tables import now

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'verdicts',
        sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
        sa.Column('id', sa.String(24), nullable=False),
        sa.Column('space_id', sa.String(24), nullable=False),
        sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
        sa.Column('lineage_id', sa.String(24), nullable=False),
        sa.Column('row_key', sa.Text(), nullable=False),
        sa.Column('content', sa.String(16), nullable=False),
        sa.Column('verdict', sa.String(12), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('tags', sa.JSON(), nullable=False),
        sa.Column('assignee', sa.Text(), nullable=False),
        sa.Column('author', sa.Text(), nullable=False),
        sa.Column('batch_id', sa.String(24), nullable=False),
        sa.Column('dataset_id', sa.String(24), nullable=False),
        sa.Column('run_id', sa.String(24), nullable=False),
        sa.Column('scorer', sa.String(40), nullable=False),
        sa.Column('threshold', sa.Float()),
        sa.Column('score', sa.Float()),
        sa.Column('percentile', sa.Float()),
        sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_verdicts_space_id_spaces')),
        sa.PrimaryKeyConstraint('number', name=op.f('pk_verdicts')),
        sa.UniqueConstraint('id', name=op.f('uq_verdicts_id')),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table('verdicts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_verdicts_space_id'), ['space_id'], unique=False)
        batch_op.create_index('ix_verdicts_lineage_row', ['lineage_id', 'row_key'], unique=False)
    op.create_table(
        'rules',
        sa.Column('id', sa.String(24), nullable=False),
        sa.Column('space_id', sa.String(24), nullable=False),
        sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
        sa.Column('lineage_id', sa.String(24), nullable=False),
        sa.Column('bounds', sa.JSON(), nullable=False),
        sa.Column('until', sa.Float(), nullable=False),
        sa.Column('author', sa.Text(), nullable=False),
        sa.Column('row_key', sa.Text(), nullable=False),
        sa.Column('undone_at', sa.Float()),
        sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_rules_space_id_spaces')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_rules')),
    )
    with op.batch_alter_table('rules', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_rules_lineage_id'), ['lineage_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_rules_space_id'), ['space_id'], unique=False)
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.add_column(sa.Column('lineage_id', sa.String(24), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_datasets_lineage_id'), ['lineage_id'], unique=False)
    _versions_share_their_first()


def _versions_share_their_first() -> None:
    """Versions of one dataset hold the same rows."""
    connection = op.get_bind()
    table = sa.table('datasets', sa.column('id'), sa.column('parent_id'), sa.column('lineage_id'))
    parents = {row.id: row.parent_id for row in connection.execute(sa.select(table.c.id, table.c.parent_id))}
    for id_ in parents:
        first = id_
        while parents[first] in parents:
            first = parents[first]
        connection.execute(sa.update(table).where(table.c.id == id_).values(lineage_id=first))


def downgrade() -> None:
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_datasets_lineage_id'))
        batch_op.drop_column('lineage_id')
    op.drop_table('rules')
    op.drop_table('verdicts')
