"""Composes the consolidated report (báo cáo tổng hợp), a part a module, sentences from facts."""
