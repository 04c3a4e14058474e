-- One page of groups, as the API answers.
select
    list({
        'url': concat('https://assay.zendesk.com/api/v2/groups/', group_id(queue_no), '.json'),
        'id': group_id(queue_no),
        'name': getvariable('queues')[queue_no],
        'deleted': false,
        'created_at': '2021-11-23T16:05:12Z',
        'updated_at': '2021-11-23T16:05:15Z'
    } order by queue_no) as groups,
    null as next_page,
    null as previous_page,
    count(*) as count
from range(1, len(getvariable('queues')) + 1) as queues (queue_no)
