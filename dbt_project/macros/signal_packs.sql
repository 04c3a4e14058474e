{#
    Packs and declared rules as they stood when the model was compiled. A pack is a seed with a `version` column; the
    version in use is the var `signal_packs`.
#}

{% macro pack_version(pack) %}{{ return(var('signal_packs')[pack]) }}{% endmacro %}

{#- the rows of a pack in the version in use; none while a project is only parsed -#}
{% macro pack_rows(pack, columns) %}
    {% set seed = ref(pack) %}
    {% if not execute or load_relation(seed) is none %}{{ return([]) }}{% endif %}
    {{ return(run_query(
        "select " ~ columns ~ " from " ~ seed ~ " where version = '" ~ pack_version(pack) ~ "' order by all"
    ).rows) }}
{% endmacro %}

{#- churn_rules -> one rule set per language: {language, hints, ignored, groups}, the groups in the order they are tried -#}
{% macro churn_rule_sets() %}
    {% set sets = {} %}
    {% for row in pack_rows('churn_rules', 'priority, -confidence as order_in_priority, language, value, pattern, also, unless') %}
        {% set found = sets.setdefault(row.language, {'language': row.language, 'hints': [], 'ignored': [], 'groups': [], 'keys': {}}) %}
        {% if row.value == 'hint' %}{% do found.hints.append(row.pattern) %}
        {% elif row.value == 'ignore' %}{% do found.ignored.append(row.pattern) %}
        {% else %}
            {% set key = [row.priority, row.order_in_priority, row.value, row.also, row.unless] | join('~') %}
            {% if key not in found['keys'] %}
                {% do found['keys'].update({key: found.groups | length}) %}
                {% do found.groups.append({
                    'value': row.value, 'confidence': 0 - row.order_in_priority, 'any': [],
                    'also': [row.also] if row.also else [], 'unless': [row.unless] if row.unless else []
                }) %}
            {% endif %}
            {% do found.groups[found['keys'][key]].any.append(row.pattern) %}
        {% endif %}
    {% endfor %}
    {{ return(sets.values() | list) }}
{% endmacro %}

{#- the words outcome's escalations are looked for by, per language -#}
{% macro outcome_rule_sets() %}
    {% set sets = {} %}
    {% for row in pack_rows('outcome_cues', 'language, value, pattern, confidence, longest') %}
        {% set found = sets.setdefault(row.language, {
            'language': row.language, 'hints': [], 'ignored': [], 'escalated': [], 'unresolved': [], 'abandoned': [],
            'resolved': [], 'short_thanks': []
        }) %}
        {% if row.value == 'hint' %}{% do found.hints.append(row.pattern) %}
        {% elif row.value == 'ignore' %}{% do found.ignored.append(row.pattern) %}
        {% elif row.longest %}{% do found.short_thanks.append(row.pattern) %}
        {% else %}{% do found[row.value].append(row.pattern) %}{% endif %}
    {% endfor %}
    {{ return(sets.values() | list) }}
{% endmacro %}

{#- effort_cues -> {language: {points: {cue: [patterns]}}} -#}
{% macro effort_rule_sets() %}
    {% set sets = {} %}
    {% for row in pack_rows('effort_cues', 'language, points, cue, pattern') %}
        {% do sets.setdefault(row.language, {}).setdefault(row.points | int, {}).setdefault(row.cue, []).append(row.pattern) %}
    {% endfor %}
    {{ return(sets) }}
{% endmacro %}

{#- Declared signals answered by rules, ordered by name, as signals/declared.py has read and approved them, its default for
    the languages among them. -#}
{% macro signals_by_rules() %}
    {% set found = {} %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.resource_type == 'model' %}
            {% for signal in (node.config.get('meta') or {}).get('signals', []) if signal.answered_by == 'rules' %}
                {% do found.update({signal.name: dict({'languages': ['en']}, **signal)}) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
    {{ return(found.values() | sort(attribute='name') | list) }}
{% endmacro %}

{#- The lists of hints of those who read a language; a reader is known by its place. -#}
{% macro hint_readers(language) %}
    {% set readers = [] %}
    {% for rules in churn_rule_sets() + outcome_rule_sets() if rules.language == language and rules.hints %}{% do readers.append(rules.hints) %}{% endfor %}
    {% for signal in signals_by_rules() if language in signal.languages and signal.get('hints') %}{% do readers.append(signal.hints) %}{% endfor %}
    {% if readers | length > 63 %}
        {{ exceptions.raise_compiler_error(readers | length ~ " signals of language " ~ language ~ " have hints: 63 at most, a bit for each.") }}
    {% endif %}
    {{ return(readers) }}
{% endmacro %}

{#- Every hint of these readers, the longer before the shorter it begins with: of two at one place the first is found. -#}
{% macro hints_of(readers) %}
    {{ return(readers | sum(start=[]) | unique | sort(reverse=true) | list) }}
{% endmacro %}

{#- True where the reader of these hints found one; a hint inside a longer one was found with it. -#}
{% macro has_hint(column, hints, language) %}
    {% if not hints %}{{ return('true') }}{% endif %}
    {{ return("(" ~ column ~ " & " ~ 2 ** hint_readers(language).index(hints) ~ ") > 0") }}
{% endmacro %}

{#- Plain words as one pattern. -#}
{% macro any_of(words) %}{{ return(words | map('replace', '.', '[.]') | map('replace', '?', '[?]') | join('|') | replace("'", "''")) }}{% endmacro %}

{#
    Where a declared signal's rules speak: signal, rank (of the rule, the first is tried first), conversation_id,
    message_no, value, confidence, cue. A rule without `any` speaks wherever the signal named by `within` found a cue.
#}
{% macro custom_signal_hits(signal) %}
    {%- for language in signal.languages if language in ['en', 'de', 'es'] %}
        {%- set groups = [] %}
        {%- for rule in signal.rules if rule.get('any') %}
            {%- do groups.append({
                'value': rule.value, 'confidence': rule.get('confidence', 0.8), 'any': rule.any,
                'also': rule.get('also', []), 'unless': rule.get('unless', [])
            }) %}
        {%- endfor %}
        {%- set found_by = has_hint('hinted', signal.get('hints', []), language) %}
        {%- if signal.get('within') %}
            {%- set found_by = found_by ~ ' and conversation_id in (select conversation_id from ' ~ signal.within ~ ')' %}
        {%- endif %}
        {%- if groups %}
    select '{{ signal.name }}' as signal, case value
            {%- for rule in signal.rules %} when '{{ rule.value | replace("'", "''") }}' then {{ loop.index }}{% endfor %} end as rank,
        conversation_id, message_no, value, confidence, cue
    from ({{ signal_hits({
        'language': language, 'hints': [],
        'ignored': signal.get('ignore', []), 'groups': groups
    }, found_by) }})
        {%- endif %}
        {%- if groups and not loop.last %} union all{% endif %}
    {%- endfor %}
    {%- for rule in signal.rules if not rule.get('any') %}
        {{ 'union all' if signal.rules | selectattr('any', 'defined') | list }}
    select '{{ signal.name }}' as signal, {{ signal.rules | length + loop.index }} as rank, conversation_id, message_no,
        '{{ rule.value | replace("'", "''") }}' as value, {{ rule.get('confidence', 0.8) }}::double as confidence, cue
    from {{ signal.within }}
    {%- endfor %}
{% endmacro %}
