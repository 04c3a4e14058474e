-- How texts are filled and spoilt.
create or replace macro mistype(text, no, salt) as
    case
        when share(no, salt) < 0.6 then replace(
            text,
            one_of(getvariable('written'), no, concat(salt, ' of')),
            getvariable('mistyped')[1 + pick(no, concat(salt, ' of'), len(getvariable('written')))]
        )
        else text
    end;

create or replace macro restyle(text, style) as
    case when style < 0.06 then lower(text) when style < 0.075 then upper(text) else text end;

create or replace macro money(amount, language) as
    case language
        when 'en' then concat('$', format('{:.2f}', amount))
        else concat(replace(format('{:.2f}', amount), '.', ','), ' €')
    end;

create or replace macro spoken_date(day, language) as
    case language
        when 'en' then strftime(day, '%-d %B')
        when 'de' then strftime(day, '%d.%m.%Y')
        else strftime(day, '%d/%m/%Y')
    end;

create or replace macro ip(no) as
    one_of([
        concat('203.0.113.', pick(no, 'ip', 254) + 1),
        concat('198.51.100.', pick(no, 'ip', 254) + 1),
        concat('2001:db8::', pick(no, 'ip', 9) + 1, ':', digits(no, 'ip', 4))
    ], no, 'ip form');

-- `said` replaces the numbered slots of a text; words.py owns their order
create or replace macro said(
    text, no, customer_no, organization_no, noun, product_kind, language, opened_at, agent_no
) as
    format(
        text,
        first_name(customer_no),
        getvariable('agent_names')[1 + agent_no % len(getvariable('agent_names'))],
        one_of([
            concat('ORD-', digits(no, 'order', 5)),
            concat('#', digits(no, 'order', 5)),
            concat('2026-', digits(no, 'order', 5)),
            concat('order ', digits(no, 'order', 6))
        ], no, 'order form'),
        money((500 + pick(no, 'amount', 24500)) / 100, language),
        spoken_date(opened_at - to_days(pick(no, 'date', 40)::integer), language),
        regexp_replace(
            case product_kind
                when 'software' then one_of(getvariable('software'), no, 'product')
                when 'goods' then one_of(getvariable('goods'), no, 'product')
                else one_of(getvariable('bank'), no, 'product')
            end,
            -- product names stay as they are in the shop, only the article is English
            case language when 'en' then '^$' else '^the ' end, ''
        ),
        one_of(getvariable('codes'), no, 'code'),
        (3 + pick(no, 'days', 18))::varchar,
        (4 + pick(no, 'n', 5))::varchar,
        company(coalesce(organization_no, customer_no)),
        noun,
        phone(customer_no, 'phone'),
        email(customer_no),
        one_of(getvariable('cards'), no, 'card'),
        one_of(getvariable('ibans'), no, 'iban'),
        ip(no),
        one_of(getvariable('cities'), customer_no, 'city'),
        concat_ws(' ', first_name(customer_no), last_name(customer_no))
    );
