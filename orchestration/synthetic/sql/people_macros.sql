-- Who somebody is follows from a number.
-- Ids of people exceed 2^31, as they do in life.
create or replace macro ticket_id(no) as 4200000 + no * 3 + pick(no, 'id gap', 3);
create or replace macro customer_id(no) as 362400000000 + no * 7;
create or replace macro agent_id(no) as 361100000000 + no * 11;
create or replace macro organization_id(no) as 363300000000 + no * 13;
create or replace macro group_id(no) as 360000440500 + no;

create or replace macro language_no(customer_no) as
    case
        when share(customer_no, 'language') < 0.75 then 1
        when share(customer_no, 'language') < 0.90 then 2
        else 3
    end;

create or replace macro locale(customer_no) as
    case language_no(customer_no)
        when 1 then one_of(['en-US', 'en-US', 'en-GB'], customer_no, 'locale')
        when 2 then 'de'
        else one_of(['es', 'es-419'], customer_no, 'locale')
    end;

create or replace macro first_name(customer_no) as
    one_of(getvariable('first_names'), customer_no, 'first name');

create or replace macro last_name(customer_no) as
    one_of(getvariable('last_names'), customer_no, 'last name');

create or replace macro email(customer_no) as
    concat(
        regexp_replace(lower(strip_accents(first_name(customer_no))), '[^a-z]', '', 'g'), '.',
        regexp_replace(lower(strip_accents(last_name(customer_no))), '[^a-z]', '', 'g'),
        customer_no % 977, '@', one_of(getvariable('mail_domains'), customer_no, 'mail domain')
    );

create or replace macro digits(no, salt, width) as
    lpad(pick(no, salt, (10 ^ width)::bigint)::varchar, width, '0');

-- numbers out of the ranges that telephone authorities keep for fiction
create or replace macro phone(customer_no, salt) as
    case language_no(customer_no)
        when 1 then one_of([
            concat('+1 (202) 555-01', digits(customer_no, salt, 2)),
            concat('202-555-01', digits(customer_no, salt, 2)),
            concat('+44 20 7946 0', digits(customer_no, salt, 3)),
            concat('07700 900', digits(customer_no, salt, 3)),
            concat('(312) 555-01', digits(customer_no, salt, 2))
        ], customer_no, concat(salt, ' form'))
        when 2 then one_of([
            concat('+49 30 23125 ', digits(customer_no, salt, 3)),
            concat('030/23125', digits(customer_no, salt, 3)),
            concat('0171 39200', digits(customer_no, salt, 2)),
            concat('0049 40 66969 ', digits(customer_no, salt, 3))
        ], customer_no, concat(salt, ' form'))
        else one_of([
            concat('+34 612 345 ', digits(customer_no, salt, 3)),
            concat('91 ', digits(customer_no, salt, 3), ' 45 67'),
            concat('612 34 5', digits(customer_no, salt, 1), ' 78')
        ], customer_no, concat(salt, ' form'))
    end;

create or replace macro company(organization_no) as
    concat_ws(
        ' ',
        one_of(getvariable('company_stems'), organization_no, 'stem'),
        one_of(getvariable('company_forms'), organization_no, 'form')
    );

create or replace macro segment(organization_no) as
    case
        when organization_no is null then 'consumer'
        when organization_no % 12 = 0 then 'enterprise'
        when organization_no % 12 <= 3 then 'mid_market'
        else 'smb'
    end;

create or replace macro seats(organization_no) as
    case segment(organization_no) when 'enterprise' then 40 when 'mid_market' then 12 else 4 end;
