"""The only rooms that touch the world: one module per outside system."""
