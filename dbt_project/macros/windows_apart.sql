{# Fails if two rows of one value are in effect on one day. This exists because each would count the conversations of that day. #}
{% test windows_apart(model, column_name) %}
select
    {{ column_name }},
    valid_from
from {{ model }}
qualify max(coalesce(valid_to, date '9999-12-31')) over (
    partition by {{ column_name }}
    order by valid_from
    rows between unbounded preceding and 1 preceding
) > valid_from
{% endtest %}
