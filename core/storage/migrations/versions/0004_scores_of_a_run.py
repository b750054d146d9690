"""by which of a run's scores a threshold cuts"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('thresholds', schema=None) as batch_op:
        batch_op.add_column(sa.Column('scorer', sa.String(40), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('thresholds', schema=None) as batch_op:
        batch_op.drop_column('scorer')
