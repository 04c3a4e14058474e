{#
  How a build follows change.

  Before a run, the loader's Python writes `build.plan` (model, fingerprint): what each model's code, seeds and
  variables hash to now. After a model is built, it leaves `build.progress` (model, fingerprint,
  export_seq) in its own database, in the same transaction. So a run killed anywhere continues where
  it stopped, a model whose meaning changed is rebuilt, and nothing else is touched.
#}

{# The progress a model left behind, or none where its code has changed since or its table is gone. #}
{% macro progress_of(relation) %}
    {% if not execute or load_cached_relation(relation) is none %}{{ return(none) }}{% endif %}
    {% set found = run_query(
        "select progress.export_seq from " ~ relation.database ~ ".build.progress"
        ~ " inner join " ~ target.database ~ ".build.plan"
        ~ " on progress.model = plan.model and progress.fingerprint = plan.fingerprint"
        ~ " where progress.model = '" ~ relation.identifier ~ "'"
    ) %}
    {{ return(found.rows[0][0] if found.rows else none) }}
{% endmacro %}

{# dbt's own question, answered from what was built instead of from a flag alone. #}
{% macro should_full_refresh() %}
    {# a seed is small, and one whose columns were edited does not fit into its old table #}
    {% if flags.FULL_REFRESH or config.get('full_refresh') or model.resource_type == 'seed' %}{{ return(true) }}{% endif %}
    {% if not execute or model.resource_type != 'model' or config.get('materialized') != 'incremental' %}
        {{ return(false) }}
    {% endif %}
    {{ return(progress_of(this) is none) }}
{% endmacro %}

{# Post-hook of every model; only an incremental one has progress to record. #}
{% macro record_progress() %}
    {%- if config.get('materialized') == 'incremental' %}
    delete from {{ this.database }}.build.progress where model = '{{ this.identifier }}';
    insert into {{ this.database }}.build.progress
    select model, fingerprint, (select coalesce(max(export_seq), 0) from {{ target.database }}.raw.exports)
    from {{ target.database }}.build.plan
    where model = '{{ this.identifier }}'
    {%- endif %}
{% endmacro %}

{# Rows of exports this model has not seen yet. #}
{% macro new_exports(column='export_seq') %}
    {%- if is_incremental() -%} {{ column }} > {{ progress_of(this) }} {%- else -%} true {%- endif -%}
{% endmacro %}

{# Strategy `by_conversation`: every row of a touched conversation is replaced, also when none remain. #}
{% macro get_incremental_by_conversation_sql(arguments) %}
    delete from {{ arguments.target_relation }}
    where conversation_id in (select conversation_id from {{ ref('touched_conversations') }} where is_changed);
    insert into {{ arguments.target_relation }} ({{ get_quoted_csv(arguments.dest_columns | map(attribute='name')) }})
    select {{ get_quoted_csv(arguments.dest_columns | map(attribute='name')) }} from {{ arguments.temp_relation }}
{% endmacro %}

{# Strategy `by_audit`: every row of an audit received again is replaced, also when none remain. #}
{% macro get_incremental_by_audit_sql(arguments) %}
    delete from {{ arguments.target_relation }}
    where audit_id in (select source || ':' || id from {{ source('zendesk', 'audits') }} where {{ new_exports() }});
    insert into {{ arguments.target_relation }} ({{ get_quoted_csv(arguments.dest_columns | map(attribute='name')) }})
    select {{ get_quoted_csv(arguments.dest_columns | map(attribute='name')) }} from {{ arguments.temp_relation }}
{% endmacro %}

{# In a `by_conversation` model: everything when it is built anew, else what changed. #}
{% macro touched_only() %}
    {%- if is_incremental() -%} touched.is_changed {%- else -%} true {%- endif -%}
{% endmacro %}

{# The models that are built conversation by conversation. #}
{% macro conversation_models() %}
    {% set found = [] %}
    {% for node in graph.nodes.values() if node.resource_type == 'model'
        and node.config.get('incremental_strategy') == 'by_conversation' %}
        {% do found.append(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{# The last export that all of them hold, or none where all must be built from nothing. #}
{% macro seen_by_every_conversation_model() %}
    {% if not execute %}{{ return(none) }}{% endif %}
    {% set seen = [] %}
    {% for relation in conversation_models() %}
        {% set progress = none if flags.FULL_REFRESH else progress_of(relation) %}
        {% if progress is not none %}{% do seen.append(progress) %}{% endif %}
    {% endfor %}
    {{ return(seen | min if seen else none) }}
{% endmacro %}

{% macro any_conversation_model_is_stale() %}
    {% if not execute %}{{ return(true) }}{% endif %}
    {% for relation in conversation_models() %}
        {% if progress_of(relation) is none %}{{ return(true) }}{% endif %}
    {% endfor %}
    {{ return(false) }}
{% endmacro %}
