{# Fails if a row's value is not later than that of another column. This exists because such a window would be counted below nothing. #}
{% test later_than(model, column_name, column) %}
select {{ column_name }}
from {{ model }}
where {{ column_name }} <= {{ column }}
{% endtest %}
