-- Grain: one row per record of a ticket, as the help desk exports it.
select {
    'url': concat('https://assay.zendesk.com/api/v2/tickets/', ticket_id(no), '.json'),
    'id': ticket_id(no),
    'external_id': case channel when 'api' then concat('shop-', no) end,
    'via': {
        'channel': channel,
        'source': {
            'from': case channel
                when 'email' then {
                    'address': email(customer_no),
                    'name': concat_ws(' ', first_name(customer_no), last_name(customer_no))
                }
            end,
            'to': case channel
                when 'email' then {'address': 'support@assay.example', 'name': 'Customer Care'}
            end,
            'rel': case when fate = 'merged' then 'merge' end
        }
    },
    'created_at': zulu(opened_at),
    'updated_at': zulu(updated_at),
    'generated_timestamp': generated_timestamp,
    'type': case when share(no, 'typed') < 0.03
        then one_of(['question', 'incident', 'problem'], no, 'type') end,
    'subject': case fate when 'deleted' then 'SCRUBBED' else bodies[1] end,
    'raw_subject': case fate when 'deleted' then 'SCRUBBED' else bodies[1] end,
    'description': case fate when 'deleted' then 'X' else bodies[2] end,
    'priority': priority(no, gloom, opened_at),
    'status': status,
    'recipient': case channel when 'email' then 'support@assay.example' end,
    'requester_id': customer_id(customer_no),
    'submitter_id': opened_by,
    'assignee_id': case when replied_at <= as_of then agent_id(agent_no) end,
    'organization_id': organization_id(organization_no),
    'group_id': group_id(queue_no),
    'brand_id': 360002256672,
    'collaborator_ids': case when is_handed_off then [agent_id(first_agent_no)]
        else []::bigint[] end,
    'tags': case fate when 'deleted' then []::varchar[] else tags end,
    'custom_fields': custom_fields(no, product_kind, organization_no, opened_at),
    'satisfaction_rating': case
        when solved_at <= as_of and share(no, 'surveyed') < 0.6 and fate = 'normal'
            then {'score': score(no, sentiment, planned_outcome), 'id': 366000000000 + no * 5}
        else {'score': 'unoffered', 'id': null}
    end,
    'has_incidents': false,
    'is_public': true,
    'comments': case fate when 'deleted' then [] else comments end
} as ticket
from commented
order by section, no
