-- What the parts of an exported record look like.
create or replace macro comment(no, place, author, is_public, body, sent_at, as_of, channel) as
    case when body <> '' and sent_at <= as_of then {
        'id': 13500000000000 + no * 16 + place,
        'type': case channel when 'voice' then 'VoiceComment' else 'Comment' end,
        'author_id': author,
        'public': is_public,
        'body': body,
        'created_at': zulu(sent_at),
        'via': {'channel': channel}
    } end;

create or replace macro raw_tag(topic_no, no, salt) as
    getvariable('raw_tags')[
        getvariable('raw_tags_first')[topic_no]
        + pick(no, salt, getvariable('raw_tags_count')[topic_no])
    ];

-- a rule was bent for the customer: money back, or a parcel sent again
create or replace macro is_excepted(canonical_tag, no) as
    canonical_tag in (
        'refund_request', 'refund_delay', 'delivery_delay', 'lost_package', 'damaged_item',
        'billing_incorrect_charge', 'return_exchange'
    ) and share(no, 'excepted') < 0.09;

create or replace macro score(no, sentiment, outcome) as
    case
        when share(no, 'answers survey') >= 0.25 then 'offered'
        when share(no, 'rates') < case sentiment
            when 'negative' then 0.62 when 'mixed' then 0.35 when 'neutral' then 0.12 else 0.04
        end + case outcome when 'resolved' then 0 else 0.2 end then 'bad'
        else 'good'
    end;

create or replace macro priority(no, gloom, opened_at) as
    case
        when share(no, 'prioritised') < 0.3 then null
        when getvariable('changed_field') = 'priority'
            and opened_at >= getvariable('changed_from')::timestamp
            then case when share(no, 'priority') < gloom / 900 then 'P1'
                when share(no, 'priority') < gloom / 300 then 'P2'
                when share(no, 'priority') < 0.8 then 'P3' else 'P4' end
        when share(no, 'priority') < gloom / 900 then 'urgent'
        when share(no, 'priority') < gloom / 300 then 'high'
        when share(no, 'priority') < 0.8 then 'normal'
        else 'low'
    end;

-- values of every JSON type a custom field may hold; written as text because they differ in type
create or replace macro custom_fields(no, product_kind, organization_no, opened_at) as
    concat(
        '[{"id":360025001001,"value":',
        case product_kind
            when 'goods' then concat('"ORD-', digits(no, 'order', 5), '"') else 'null'
        end,
        '},{"id":360025001002,"value":"plan_',
        segment(organization_no),
        '"},{"id":360025001003,"value":',
        case
            when getvariable('changed_field') = 'order_value'
                and opened_at >= getvariable('changed_from')::timestamp
                then concat('"', money((500 + pick(no, 'amount', 24500)) / 100, 'de'), '"')
            else ((500 + pick(no, 'amount', 24500)) / 100)::decimal(10, 2)::varchar
        end,
        '},{"id":360025001004,"value":',
        share(no, 'callback') < 0.1,
        '}]'
    )::json;

create or replace macro event(type, field_name, previous_value, value) as {
    'type': type,
    'field_name': field_name,
    'previous_value': previous_value::varchar,
    'value': value::varchar
};

create or replace macro audit(no, place, author, happened_at, as_of, events) as
    case when happened_at <= as_of then {
        'id': 14100000000000 + no * 16 + place,
        'ticket_id': ticket_id(no),
        'author_id': author,
        'created_at': zulu(happened_at),
        'events': events
    } end;

-- the opposite answer of a label, for planted mistakes
create or replace macro flip(label) as
    case label
        when 'negative' then 'positive' when 'positive' then 'negative'
        when 'neutral' then 'mixed' when 'mixed' then 'neutral'
        when 'none' then 'intent' when 'intent' then 'none' when 'mention' then 'none'
        when 'low' then 'high' when 'high' then 'low' when 'medium' then 'high'
        when 'resolved' then 'unresolved' when 'unresolved' then 'resolved'
        when 'escalated' then 'resolved' else 'resolved'
    end;
