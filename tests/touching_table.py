"""The cases: each touches a conversation of its own through one rule."""

from __future__ import annotations

from touching_cases import (
    ROLES,
    TEXTS,
    Case,
    apart,
    audit,
    comment,
    csv_row,
    handed,
    intercom,
    later,
    ticket,
    user,
)

TICKETS, COMMENTS, AUDITS = "zendesk/tickets", "zendesk/comments", "zendesk/audits"
USERS, GROUPS, RATINGS = "zendesk/users", "zendesk/groups", "zendesk/satisfaction_ratings"
ACCOUNTS, ADMIN_CSV = "billing/accounts.csv", "zendesk/admin.csv"
INTERCOM = "intercom/conversations"
AGENT = 77


def _account(organization: int, segment: str, day: int = 1) -> dict[str, str]:
    return {
        "account_id": f"ACC-{organization}", "organization_id": str(organization), "name": "Acme",
        "started_on": "2026-01-01", "segment": segment, "arr": "1", "updated_at": f"2026-03-0{day}",
    }  # fmt: skip


def _group(number: int, day: int, name: str) -> dict[str, object]:
    return {"id": number, "name": name, "updated_at": f"2026-03-0{day}T00:00:00Z"}


def _by(author: int, number: int, place: int) -> dict[str, object]:
    return comment(number, place, author_id=author)


CASES = [
    Case(
        "an account of its organization arrives", "zendesk:9101", "segment", "unknown", "smb",
        {TICKETS: [ticket(9101)]},
        {ACCOUNTS: [_account(91012, "smb")]},
    ),
    Case(
        "its account is in no segment any more", "zendesk:9131", "segment", "smb", "unknown",
        {TICKETS: [ticket(9131)], ACCOUNTS: [_account(91312, "smb")]},
        {ACCOUNTS: [_account(91312, "", 2)]},
    ),
    Case(
        "its queue is renamed", "zendesk:9102", "queue", "Night desk", "Dawn desk",
        {TICKETS: [ticket(9102)], GROUPS: [_group(91023, 1, "Night desk")]},
        {GROUPS: [_group(91023, 2, "Dawn desk")]},
    ),
    Case(
        "its queue's record changes but not its name", "zendesk:9103", "queue", "Day desk", "Day desk",
        {TICKETS: [ticket(9103)], GROUPS: [_group(91033, 1, "Day desk")]},
        {GROUPS: [_group(91033, 2, "Day desk")]},
        built_again=False,
    ),
    Case(
        "its requester turns agent", "zendesk:9104", ROLES, "customer", "agent",
        {TICKETS: [ticket(9104)], USERS: [user(91041)]},
        {USERS: [user(91041, 2, role="agent")]},
    ),
    Case(
        "its requester turns agent and only its description was received", "zendesk:9128", ROLES,
        "customer", "agent",
        {TICKETS: [ticket(9128, comments=[])]},
        {USERS: [user(91281, role="agent")]},
    ),
    Case(
        "one who wrote in it turns agent", "zendesk:9105", ROLES, "customer|customer", "customer|agent",
        {TICKETS: [ticket(9105, comments=[comment(9105, 1), _by(91058, 9105, 2)])]},
        {USERS: [user(91058, role="agent")]},
    ),
    Case(
        "one who wrote in it is renamed and counts as a bot", "zendesk:9106", ROLES,
        "customer|agent", "customer|bot",
        {
            TICKETS: [ticket(9106, comments=[comment(9106, 1), _by(91068, 9106, 2)])],
            USERS: [user(91068, role="agent")],
        },
        {USERS: [user(91068, 2, role="agent", name="Helper Bot")]},
    ),
    Case(
        "who opened it for somebody is renamed and counts as a bot", "zendesk:9107", "exclusion_reason",
        "outbound", None,
        {TICKETS: [ticket(9107, submitter_id=91078)], USERS: [user(91078, role="agent")]},
        {USERS: [user(91078, 2, role="agent", name="Welcome bot")]},
    ),
    Case(
        "who wrote a comment received apart turns agent", "zendesk:9108", ROLES,
        "customer|customer", "customer|agent",
        {TICKETS: [ticket(9108)], COMMENTS: [apart(9108, 2, author_id=91088)]},
        {USERS: [user(91088, role="agent")]},
    ),
    Case(
        "a comment arrives apart", "zendesk:9109", TEXTS, "text 1", "text 1|text 2",
        {TICKETS: [ticket(9109)]},
        {COMMENTS: [apart(9109, 2)]},
    ),
    Case(
        "an audit is exported again with more in it", "zendesk:9110", "handoffs", 1, 1,
        {TICKETS: [ticket(9110)], AUDITS: [audit(9110, 1, handed(AGENT))]},
        {AUDITS: [audit(9110, 1, handed(AGENT), {"type": "Notification"})]},
    ),
    Case(
        "an audit is exported again without its handoff", "zendesk:9111", "handoffs", 1, 0,
        {TICKETS: [ticket(9111)], AUDITS: [audit(9111, 1, handed(AGENT))]},
        {AUDITS: [audit(9111, 1, {"type": "Notification"})]},
    ),
    Case(
        "an audit arrives", "zendesk:9112", "handoffs", 0, 1,
        {TICKETS: [ticket(9112)]},
        {AUDITS: [audit(9112, 1, handed(AGENT))]},
    ),
    Case(
        "its ticket arrives as JSON after the CSV", "zendesk:9113", "subject", "about 9113", "from JSON",
        {ADMIN_CSV: [csv_row(9113)]},
        {TICKETS: [ticket(9113, subject="from JSON")]},
    ),
    Case(
        "an older JSON is followed by a newer CSV", "zendesk:9114", "subject", "from JSON", "from JSON",
        {TICKETS: [ticket(9114, subject="from JSON")]},
        {ADMIN_CSV: [csv_row(9114, **{"Updated at": "2026-03-05 12:00:00"})]},
    ),
    Case(
        "an Intercom conversation goes on", "intercom:i15", "subject", "first title", "second title",
        {INTERCOM: [intercom("i15")]},
        {INTERCOM: [intercom("i15", title="second title", updated_at=1772618400)]},
    ),
    Case(
        "its ticket is deleted", "zendesk:9116", "exclusion_reason", None, "deleted",
        {TICKETS: [ticket(9116)]},
        {TICKETS: [later(9116, status="deleted", subject="SCRUBBED", comments=[])]},
    ),
    Case(
        "an older version arrives late", "zendesk:9117", "subject", "newer", "newer",
        {TICKETS: [later(9117, subject="newer")]},
        {TICKETS: [ticket(9117, subject="older")]},
    ),
    Case(
        "an older version shows that who wrote in it was assigned", "zendesk:9118", ROLES,
        "customer|customer", "customer|agent",
        {TICKETS: [later(9118, comments=[comment(9118, 1), _by(91188, 9118, 2)])]},
        {TICKETS: [ticket(9118, assignee_id=91188, comments=[comment(9118, 1)])]},
    ),
    Case(
        "a comment is redacted in an export of comments", "zendesk:9119", TEXTS,
        "text 1|my secret", "text 1|redacted",
        {TICKETS: [ticket(9119, comments=[comment(9119, 1), comment(9119, 2, body="my secret")])]},
        {COMMENTS: [apart(9119, 2, body="redacted")]},
    ),
    Case(
        "a private note is exported apart as public", "zendesk:9120", TEXTS, "text 1", "text 1",
        {TICKETS: [ticket(9120, comments=[comment(9120, 1), comment(9120, 2, public=False)])]},
        {COMMENTS: [apart(9120, 2)]},
    ),
    Case(
        "a comment is made private in an export of comments", "zendesk:9121", TEXTS,
        "text 1|text 2", "text 1",
        {TICKETS: [ticket(9121, comments=[comment(9121, 1), comment(9121, 2)])]},
        {COMMENTS: [apart(9121, 2, public=False)]},
    ),
    Case(
        "a newer version of the ticket follows a comment received apart", "zendesk:9122", TEXTS,
        "text 1|apart", "text 1|inside",
        {TICKETS: [ticket(9122)], COMMENTS: [apart(9122, 2, body="apart")]},
        {TICKETS: [later(9122, comments=[comment(9122, 1), comment(9122, 2, body="inside")])]},
    ),
    Case(
        "a rating arrives alone", "zendesk:9123", "status", "open", "open",
        {TICKETS: [ticket(9123)]},
        {RATINGS: [{"id": 1, "ticket_id": 9123, "score": "good", "updated_at": "2026-03-03T00:00:00Z"}]},
    ),
    Case(
        "an earlier contact of the same customer is deleted", "zendesk:9126", "exclusion_reason", None, "deleted",
        {TICKETS: [ticket(9126, tags=["refund_request"])]},
        {TICKETS: [later(9126, tags=["refund_request"], status="deleted")]},
    ),
    Case(
        "its customer had come back, and now had not", "zendesk:9127", "customer_effort", "medium", "low",
        {TICKETS: [ticket(
            9127, requester_id=91261, submitter_id=91261, tags=["refund_request"],
            created_at="2026-03-05T10:00:00Z",
        )]},
        {},
    ),
    Case(
        "a comment received apart says what an earlier contact is about", "zendesk:9129", "driver",
        "no_signal", "billing_payments",
        {TICKETS: [ticket(9129, tags=[], description=None, comments=[])]},
        {COMMENTS: [apart(9129, 1, body="I have been charged twice for my order")]},
    ),
    Case(
        "its customer turns out to have come back", "zendesk:9130", "customer_effort", "low", "medium",
        {TICKETS: [ticket(
            9130, requester_id=91291, submitter_id=91291, tags=["refund_request"],
            created_at="2026-03-04T10:00:00Z",
        )]},
        {},
    ),
    Case(
        "a record of its requester arrives", "zendesk:9124", "language", "en", "de",
        {TICKETS: [ticket(9124)]},
        {USERS: [user(91241, locale="de-DE")]},
    ),
    Case(
        "its requester is suspended", "zendesk:9125", "exclusion_reason", None, "suspended",
        {TICKETS: [ticket(9125)], USERS: [user(91251)]},
        {USERS: [user(91251, 2, suspended=True)]},
    ),
    Case(
        "its requester's record changes in nothing that is read", "zendesk:9126", "language", "en", "en",
        {TICKETS: [ticket(9126)], USERS: [user(91261)]},
        {USERS: [user(91261, 2, name="Robin Roe")]},
        built_again=False,
    ),
    Case(
        "its organization's record arrives", "zendesk:9127", "segment", "unknown", "unknown",
        {TICKETS: [ticket(9127)]},
        {"zendesk/organizations": [{"id": 91272, "name": "Acme", "updated_at": "2026-03-03T00:00:00Z"}]},
        built_again=False,
    ),
]  # fmt: skip
