-- Grain: one row per touched, in-scope conversation, the values of all its signals side by side.
-- Beside what else makes fct_conversations, they would not fit into 512 MB.
with

touched as (

    select * from {{ ref('touched_conversations') }}

)

select
    signals.conversation_id,
    {%- for signal in core_signals() + custom_signals() %}
    max(value) filter (where signal = '{{ signal }}') as {{ signal }}{{ "," if not loop.last }}
    {%- endfor %}
from {{ ref('fct_signals') }} as signals
inner join touched
    on signals.conversation_id = touched.conversation_id
group by all
