-- One page of SLA policies, as the API answers; targets in minutes.
select
    [{
        'id': 360006434500,
        'title': 'Standard',
        'description': 'First reply and waiting time by priority',
        'position': 1,
        'filter': {
            'all': [{'field': 'type', 'operator': 'is_not', 'value': 'problem'}],
            'any': []::json[]
        },
        'policy_metrics': list({
            'priority': priority, 'metric': metric, 'target': target, 'business_hours': false
        } order by metric, target)
    }] as sla_policies,
    null as next_page,
    null as previous_page,
    1 as count
from (values
    ('urgent', 'first_reply_time', 60), ('high', 'first_reply_time', 240),
    ('normal', 'first_reply_time', 720), ('low', 'first_reply_time', 1440),
    ('urgent', 'requester_wait_time', 480), ('high', 'requester_wait_time', 1440),
    ('normal', 'requester_wait_time', 2880), ('low', 'requester_wait_time', 5760)
) as targets (priority, metric, target)
