{#
    Capture and recapture: of the conversations of one day that two exports hold, those in both tell how many neither
    holds (Lincoln-Petersen, corrected by Chapman). `copies`: a relation or query of source, day, id and export_seq, each once.

    It assumes that each export lost its conversations by chance, whatever the other lost: what both leave out for one
    reason is not seen. Asked are the two exports that hold most of the day, where each holds half of the other at least:
    exports of other times, and parts of one, do not cover the same day.
#}
{% macro two_exports_witness(copies, deviations) -%}
{{ return(adapter.dispatch('two_exports_witness')(copies, deviations)) }}
{%- endmacro %}

{% macro default__two_exports_witness(copies, deviations) -%}
with

largest as (

    select source, day, export_seq, count(*) as held
    from {{ copies }}
    group by source, day, export_seq
    qualify row_number() over (partition by source, day order by held desc, export_seq) <= 2

),

pairs as (

    select source, day, min(export_seq) as one, max(export_seq) as other
    from largest
    group by all
    having 2 * min(held) >= max(held) and count(*) = 2

),

ids as (

    select
        copies.source,
        copies.day,
        copies.id,
        bool_or(copies.export_seq = pairs.one) as in_one,
        bool_or(copies.export_seq = pairs.other) as in_other
    from {{ copies }} as copies
    inner join pairs
        on copies.source = pairs.source and copies.day = pairs.day
    group by all

),

counted as (

    select
        source,
        day,
        count(*) filter (in_one) as one,
        count(*) filter (in_other) as other,
        count(*) filter (in_one and in_other) as in_both,
        count(*) as loaded
    from ids
    group by all

)

select
    source,
    day,
    (one + 1) * (other + 1) / (in_both + 1) - 1 as expected,
    greatest(expected - {{ deviations }} * scatter, loaded) as expected_low,
    expected + {{ deviations }} * scatter as expected_high,
    loaded
from (
    select
        *,
        sqrt(
            (one + 1) * (other + 1) * (one - in_both) * (other - in_both) / ((in_both + 1) ^ 2 * (in_both + 2))
        ) as scatter
    from counted
)
where 2 * in_both >= greatest(one, other)
{%- endmacro %}
