{# Every metric there is: the files of models/metrics. Written by `make generated`. #}
{% macro metrics() %}{{ return([
    'high_effort_share',
]) }}{% endmacro %}
