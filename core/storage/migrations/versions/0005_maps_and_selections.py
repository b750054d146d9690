"""named selections of rows, and how far a map can be trusted"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage.tables import now

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'selections',
        sa.Column('id', sa.String(24), nullable=False),
        sa.Column('space_id', sa.String(24), nullable=False),
        sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
        sa.Column('dataset_id', sa.String(24), nullable=False),
        sa.Column('name', sa.Text(), nullable=False),
        sa.Column('note', sa.Text(), nullable=False),
        sa.Column('tags', sa.JSON(), nullable=False),
        sa.Column('rows', sa.Integer(), nullable=False),
        sa.Column('keys_address', sa.String(64), nullable=False),
        sa.Column('author', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ['dataset_id'], ['datasets.id'], name=op.f('fk_selections_dataset_id_datasets'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_selections_space_id_spaces')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_selections')),
    )
    with op.batch_alter_table('selections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_selections_dataset_id'), ['dataset_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_selections_space_id'), ['space_id'], unique=False)
    with op.batch_alter_table('projections', schema=None) as batch_op:
        batch_op.add_column(sa.Column('trust', sa.JSON(none_as_null=True)))
        batch_op.add_column(sa.Column('distortion_address', sa.String(64), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('projections', schema=None) as batch_op:
        batch_op.drop_column('distortion_address')
        batch_op.drop_column('trust')
    op.drop_table('selections')
