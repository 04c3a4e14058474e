select 1
where (select count(*) from {{ ref('fct_conversations') }} where is_in_scope)
    != (select sum(conversations) from {{ ref('rollup_drivers') }} where cadence = 'day')
