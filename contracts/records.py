"""The kinds of record exports hold: what a column can be, what a record needs, how JSON wraps it."""

from collections.abc import Mapping

CONVERSATION, ACCOUNT, INVOICE = "conversation", "account", "invoice"

CONVERSATION_RECORDS = (CONVERSATION, "ticket")
"""The records that are conversations; the others speak of one, or of people and accounts."""

ROLES: Mapping[str, Mapping[str, str]] = {
    CONVERSATION: {
        "id": "varchar",
        "opened_at": "timestamptz",
        "updated_at": "timestamptz",
        "solved_at": "timestamptz",
        "version": "bigint",
        "subject": "varchar",
        "text": "varchar",
        "tags": "varchar[]",
        "channel": "varchar",
        "queue": "varchar",
        "customer": "varchar",
        "organization": "varchar",
        "language": "varchar",
        "segment": "varchar",
        "status": "varchar",
        "url": "varchar",
        "csat": "varchar",
        "reopens": "bigint",
        "handoffs": "bigint",
        "sla_met": "boolean",
        "spam": "boolean",
    },
    ACCOUNT: {
        "id": "varchar",
        "organization": "varchar",
        "name": "varchar",
        "segment": "varchar",
        "started_at": "timestamptz",
        "updated_at": "timestamptz",
        "arr": "double",
    },
    INVOICE: {
        "id": "varchar",
        "account": "varchar",
        "currency": "varchar",
        "status": "varchar",
        "issued_at": "timestamptz",
        "period_start": "timestamptz",
        "period_end": "timestamptz",
        "amount": "double",
    },
}
"""What a CSV column can be, by the kind of record it belongs to, and the type it is stored as."""

REQUIRED_ROLES: Mapping[str, tuple[str, ...]] = {
    CONVERSATION: ("id", "opened_at"),
    ACCOUNT: ("id",),
    INVOICE: ("id",),
}

REQUIRED_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("zendesk", "ticket"): ("created_at",),
    ("zendesk", "comment"): ("ticket_id",),
    ("zendesk", "audit"): ("ticket_id", "created_at"),
    ("zendesk", "metric_event"): ("ticket_id",),
    ("zendesk", "satisfaction_rating"): ("ticket_id",),
    ("intercom", CONVERSATION): ("created_at",),
    ("csv", CONVERSATION): ("opened_at",),
}
"""By format and record: what a record says nothing without, its id aside. A comment that names no
ticket belongs to none that can be told."""

RECORD_KEYS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zendesk": {
        "ticket": ("ticket", "tickets"),
        "comment": ("comment", "comments"),
        "audit": ("audit", "audits"),
        "metric_event": (
            "ticket_metric_event",
            "ticket_metric_events",
            "metric_event",
            "metric_events",
        ),
        "sla_policy": ("sla_policy", "sla_policies"),
        "satisfaction_rating": ("satisfaction_rating", "satisfaction_ratings"),
        "user": ("user", "users"),
        "organization": ("organization", "organizations"),
        "group": ("group", "groups"),
    },
    "intercom": {"conversation": ("conversation", "conversations")},
    "csv": {},
}
"""The JSON keys under which each help desk wraps one record, or lists a page of them."""
