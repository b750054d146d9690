"""rejects, profile and size of large files beside a dataset; schema templates"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage.tables import now

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.alter_column('bytes', existing_type=sa.Integer(), type_=sa.BigInteger(), existing_nullable=False)
        batch_op.add_column(sa.Column('rejects_address', sa.String(length=64), server_default='', nullable=False))
        batch_op.add_column(sa.Column('profile_address', sa.String(length=64), server_default='', nullable=False))
    op.create_table('templates',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_templates_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_templates'))
    )
    with op.batch_alter_table('templates', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_templates_space_id'), ['space_id'], unique=False)


def downgrade() -> None:
    op.drop_table('templates')
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.drop_column('profile_address')
        batch_op.drop_column('rejects_address')
        batch_op.alter_column('bytes', existing_type=sa.BigInteger(), type_=sa.Integer(), existing_nullable=False)
