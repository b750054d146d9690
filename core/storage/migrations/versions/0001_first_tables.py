"""first tables"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.storage.tables import now

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('spaces',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_spaces'))
    )
    op.create_table('datasets',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('parent_id', sa.String(length=24), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('source_name', sa.Text(), nullable=False),
    sa.Column('source_address', sa.String(length=64), nullable=False),
    sa.Column('cells_address', sa.String(length=64), nullable=False),
    sa.Column('rows_address', sa.String(length=64), nullable=False),
    sa.Column('fingerprint', sa.String(length=64), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('columns', sa.JSON(), nullable=False),
    sa.Column('reading', sa.JSON(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['parent_id'], ['datasets.id'], name=op.f('fk_datasets_parent_id_datasets'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_datasets_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_datasets'))
    )
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_datasets_fingerprint'), ['fingerprint'], unique=False)
        batch_op.create_index(batch_op.f('ix_datasets_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_datasets_space_id'), ['space_id'], unique=False)

    op.create_table('jobs',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('kind', sa.String(length=24), nullable=False),
    sa.Column('args', sa.JSON(), nullable=False),
    sa.Column('dataset_id', sa.String(length=24), nullable=True),
    sa.Column('run_id', sa.String(length=24), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('lost', sa.Integer(), nullable=False),
    sa.Column('started_at', sa.Float(), nullable=True),
    sa.Column('finished_at', sa.Float(), nullable=True),
    sa.Column('fraction', sa.Float(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('seconds_left', sa.Float(), nullable=True),
    sa.Column('command', sa.String(length=8), nullable=True),
    sa.Column('error', sa.JSON(), nullable=True),
    sa.Column('result', sa.JSON(), nullable=False),
    sa.Column('supervisor_id', sa.String(length=24), nullable=True),
    sa.Column('pid', sa.Integer(), nullable=True),
    sa.Column('pid_started', sa.Float(), nullable=True),
    sa.Column('lease_until', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_jobs_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_jobs'))
    )
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_jobs_dataset_id'), ['dataset_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_space_id'), ['space_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_jobs_state'), ['state'], unique=False)
        batch_op.create_index('ix_jobs_state_created', ['state', 'created_at'], unique=False)

    op.create_table('supervisors',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('host', sa.Text(), nullable=False),
    sa.Column('pid', sa.Integer(), nullable=False),
    sa.Column('pid_started', sa.Float(), nullable=False),
    sa.Column('seen_at', sa.Float(), nullable=False),
    sa.Column('devices', sa.JSON(), nullable=False),
    sa.Column('serving_socket', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_supervisors_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisors'))
    )
    with op.batch_alter_table('supervisors', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_supervisors_space_id'), ['space_id'], unique=False)

    op.create_table('runs',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('dataset_id', sa.String(length=24), nullable=False),
    sa.Column('parent_id', sa.String(length=24), nullable=True),
    sa.Column('job_id', sa.String(length=24), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('tags', sa.JSON(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.Column('spec', sa.JSON(), nullable=False),
    sa.Column('summary', sa.JSON(), nullable=False),
    sa.Column('artifacts', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['dataset_id'], ['datasets.id'], name=op.f('fk_runs_dataset_id_datasets')),
    sa.ForeignKeyConstraint(['job_id'], ['jobs.id'], name=op.f('fk_runs_job_id_jobs')),
    sa.ForeignKeyConstraint(['parent_id'], ['runs.id'], name=op.f('fk_runs_parent_id_runs'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_runs_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_runs_dataset_id'), ['dataset_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_runs_job_id'), ['job_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_runs_parent_id'), ['parent_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_runs_space_id'), ['space_id'], unique=False)

    op.create_table('metrics',
    sa.Column('run_id', sa.String(length=24), nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('step', sa.Integer(), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('epoch', sa.Integer(), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_metrics_run_id_runs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_metrics_space_id_spaces')),
    sa.PrimaryKeyConstraint('run_id', 'name', 'step', name=op.f('pk_metrics'))
    )
    with op.batch_alter_table('metrics', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_metrics_space_id'), ['space_id'], unique=False)

    op.create_table('projections',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('run_id', sa.String(length=24), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('settings', sa.JSON(), nullable=False),
    sa.Column('address', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_projections_run_id_runs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_projections_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_projections'))
    )
    with op.batch_alter_table('projections', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_projections_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_projections_space_id'), ['space_id'], unique=False)

    op.create_table('thresholds',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('run_id', sa.String(length=24), nullable=False),
    sa.Column('method', sa.String(length=40), nullable=False),
    sa.Column('parameters', sa.JSON(), nullable=False),
    sa.Column('value', sa.Float(), nullable=False),
    sa.Column('flagged', sa.Integer(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_thresholds_run_id_runs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_thresholds_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thresholds'))
    )
    with op.batch_alter_table('thresholds', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_thresholds_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_thresholds_space_id'), ['space_id'], unique=False)

    op.create_table('views',
    sa.Column('id', sa.String(length=24), nullable=False),
    sa.Column('space_id', sa.String(length=24), nullable=False),
    sa.Column('created_at', sa.Float(), server_default=now(), nullable=False),
    sa.Column('run_id', sa.String(length=24), nullable=False),
    sa.Column('page', sa.String(length=40), nullable=False),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.Column('row_keys', sa.JSON(), nullable=False),
    sa.Column('author', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_views_run_id_runs'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['space_id'], ['spaces.id'], name=op.f('fk_views_space_id_spaces')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_views'))
    )
    with op.batch_alter_table('views', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_views_run_id'), ['run_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_views_space_id'), ['space_id'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('views', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_views_space_id'))
        batch_op.drop_index(batch_op.f('ix_views_run_id'))

    op.drop_table('views')
    with op.batch_alter_table('thresholds', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_thresholds_space_id'))
        batch_op.drop_index(batch_op.f('ix_thresholds_run_id'))

    op.drop_table('thresholds')
    with op.batch_alter_table('projections', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_projections_space_id'))
        batch_op.drop_index(batch_op.f('ix_projections_run_id'))

    op.drop_table('projections')
    with op.batch_alter_table('metrics', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_metrics_space_id'))

    op.drop_table('metrics')
    with op.batch_alter_table('runs', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_runs_space_id'))
        batch_op.drop_index(batch_op.f('ix_runs_parent_id'))
        batch_op.drop_index(batch_op.f('ix_runs_job_id'))
        batch_op.drop_index(batch_op.f('ix_runs_dataset_id'))

    op.drop_table('runs')
    with op.batch_alter_table('supervisors', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_supervisors_space_id'))

    op.drop_table('supervisors')
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_index('ix_jobs_state_created')
        batch_op.drop_index(batch_op.f('ix_jobs_state'))
        batch_op.drop_index(batch_op.f('ix_jobs_space_id'))
        batch_op.drop_index(batch_op.f('ix_jobs_run_id'))
        batch_op.drop_index(batch_op.f('ix_jobs_dataset_id'))

    op.drop_table('jobs')
    with op.batch_alter_table('datasets', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_datasets_space_id'))
        batch_op.drop_index(batch_op.f('ix_datasets_parent_id'))
        batch_op.drop_index(batch_op.f('ix_datasets_fingerprint'))

    op.drop_table('datasets')
    op.drop_table('spaces')
