"""Data in, document out; sends nothing."""
