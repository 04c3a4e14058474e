-- What a text says is the product's, letter for letter: the selects dbt compiled. One after the other, so that
-- a million conversations fit into memory.
{% for seed in ['stop_words', 'sentiment_weights', 'sentiment_decision', 'sentiment_confidence'] %}
create temp table {{ seed }} as
select * from read_csv('{{ signal_seeds }}/{{ seed }}.csv', header = true, types = {'version': 'varchar'});
{% endfor %}

create temp table touched_conversations as
select conversation_id from conversations;

{% for model in signal_models %}
create temp table {{ model }} as
{{ compiled('signals/' ~ model) }};
{% endfor %}

-- no answers were bought
create temp view asked_signals as
select *, null::varchar as signal from churn_risk where false;

create table candidate.marts.fct_signals as
{{ compiled('marts/fct_signals') }};
