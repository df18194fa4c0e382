"""Composes the letters that the office registers and signs, to Decree 30/2020/NĐ-CP."""
