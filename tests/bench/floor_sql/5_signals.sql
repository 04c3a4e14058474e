-- What a text says is the product's, letter for letter: the selects dbt compiled. One after the other, so that
-- a million conversations fit into memory.
{% for seed in ['stop_words', 'sentiment_weights', 'sentiment_decision', 'sentiment_confidence'] %}
create temp table {{ seed }} as
select * from read_csv('{{ signal_seeds }}/{{ seed }}.csv', header = true, types = {'version': 'varchar'});
{% endfor %}

create temp table touched_conversations as
select conversation_id from conversations;

{% for model in signal_models %}
{%- if model == 'weighed_messages' %}
-- in parts, as the product; the last one takes what is left
{%- set rows = 245760 %}
{%- for part in range(32) %}
set variable part_start = {{ part * rows }};
{{ 'reset variable part_end' if loop.last else 'set variable part_end = ' ~ (part * rows + rows - 1) }};
{{ 'create temp table weighed_messages as' if loop.first else 'insert into weighed_messages' }}
{{ compiled('signals/' ~ model) }};
{%- endfor %}
{%- else %}
create temp table {{ model }} as
{{ compiled('signals/' ~ model) }};
{%- endif %}
{% endfor %}

-- no answers were bought
create temp view asked_signals as
select *, null::varchar as signal from churn_risk where false;

create table candidate.marts.fct_signals as
{{ compiled('marts/fct_signals') }};
