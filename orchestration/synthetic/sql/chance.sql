-- Every choice is a hash of (what, why, seed), so a world is the same in whatever order it is made.
-- The outer hash is needed: a hash of several values combines them so simply that the low bits of two
-- draws for the same conversation go together, and who writes German would pay with the same card.
create or replace macro draw(no, salt) as
    hash(hash(no::bigint, salt, getvariable('seed')::bigint));

create or replace macro pick(no, salt, choices) as
    (draw(no, salt) % choices::ubigint)::bigint;

create or replace macro share(no, salt) as
    (draw(no, salt) % 1000003::ubigint)::double / 1000003;

create or replace macro one_of(list, no, salt) as
    list[1 + pick(no, salt, len(list))];

-- an exponential waiting time in minutes around the given mean
create or replace macro wait(no, salt, mean) as
    -ln(1 - share(no, salt)) * mean;

create or replace macro later(moment, minutes) as
    moment + to_seconds(round((minutes) * 60)::bigint);

create or replace macro zulu(moment) as
    strftime(moment, '%Y-%m-%dT%H:%M:%SZ');
