-- Grain: one row per conversation in the export of the day after, new or written to again.
with

updatable as (

    select no
    from range(getvariable('conversations')) as numbers (no)
    -- deleted, merged, spam, sample and outbound tickets are not written to again
    where share(no, 'fate') >= 0.047

),

recent as (

    select no
    from updatable
    where no >= $recent_from
    order by draw(no, 'updated today')
    limit $recent

),

updated as (

    select no from recent
    union all
    (
        select updatable.no
        from updatable
        anti join recent on updatable.no = recent.no
        order by draw(updatable.no, 'updated today')
        limit $updated - (select count(*) from recent)
    )

)

select
    updated.no,
    days.day,
    days.mix_no,
    (updated.no - days.first_no + 0.5) / (days.next_no - days.first_no) as fraction,
    true as is_updated
from updated
inner join days on updated.no >= days.first_no and updated.no < days.next_no
union all
select
    getvariable('conversations') + place,
    $day::date,
    (select max(mix_no) filter (where not is_spike_day) from days),
    (place + 0.5) / $new,
    false
from range($new) as new_ones (place)
order by 1
