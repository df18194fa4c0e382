"""The mails: HTML and text of every kind of notice from the same sentences of the catalogues."""

from reports.mails.digest import digest
from reports.mails.routine import blank_form, receipt, reminder, returned, unread
from reports.mails.unit_digest import unit_digest
from reports.mails.urging import urging
from reports.mails.watch import watch

__all__ = [
    "blank_form",
    "digest",
    "receipt",
    "reminder",
    "returned",
    "unit_digest",
    "unread",
    "urging",
    "watch",
]
