"""The report pages: HTML files that hold all they need and ask nobody for anything."""

from reports.pages.index import index_page, line_of
from reports.pages.month import month_page
from reports.pages.outgoing import outbox_page
from reports.pages.unit import unit_page

__all__ = ["index_page", "line_of", "month_page", "outbox_page", "unit_page"]
