"""How a database of any earlier form becomes one of today's: one module a step in `versions`, run by Alembic.

To change the tables: add `versions/v000N_what.py` whose `down_revision` is the step before, change `state/schema.py`
to match, and set its `VERSION`. Steps only add, so that processes of the release before can go on while it rolls out.
"""
