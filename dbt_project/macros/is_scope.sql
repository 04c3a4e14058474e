{# Fails where a scope is neither a metric nor `*`. This exists because what is announced of a misspelt one explains nothing. #}
{% test is_scope(model, column_name) %}
select {{ column_name }}
from {{ model }}
where coalesce({{ column_name }}, '') not in ('*'{% for metric in metrics() %}, '{{ metric }}'{% endfor %})
{% endtest %}
