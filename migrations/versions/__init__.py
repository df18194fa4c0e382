"""Alembic migrations of the product's own database."""
