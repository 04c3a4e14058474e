{#
    Texts -> the words and pairs of words that weigh something in them: text_id, place (of the word, from 1), term_no (of the
    pair where there is one), weight (below zero complaint, above praise), pull (towards a plain question or account).

    `texts` has text_id, language, words; `weights` the rows of one version of the pack, numbered by term_no. A pair replaces
    what its words weigh alone. Praise within three words after a negator turns into complaint; complaint after a negator
    stays what it is ("not only rude", "never so late"), unless a pair knows better.

    Everything is whole numbers, so the order in which threads add them up does not matter. What costs is looking words up:
    one language at a time, so that the key is one number, the hash of the word; a pair by the hash of its words' hashes, and
    only where its first word opens one; negators by place afterwards, because carrying the words along to look back costs as much as finding them.
#}
{% macro sentiment_hits(texts, weights, languages) %}{{ return(adapter.dispatch('sentiment_hits', 'assay')(texts, weights, languages)) }}{% endmacro %}

{#- A text -> its words in lower case, as many characters as before: punctuation becomes a space, so that the place of a
    word leads back to the text. Emoji stand alone. Nested `replace` is twice as fast as `translate` or a regular expression. -#}
{% macro sentiment_words(column) %}{{ return(adapter.dispatch("sentiment_words", "assay")(column)) }}{% endmacro %}

{% macro default__sentiment_words(column) %}
{%- set text = namespace(sql="replace(replace(lower(" ~ column ~ "), ':)', ' ☺'), ':(', ' ☹')") -%}
{%- for mark in ["chr(10)", "chr(13)", "chr(9)", "chr(31)", "'.'", "','", "'!'", "'?'", "';'", "'\"'", "'('", "')'", "'#'", "'-'", "'*'", "'_'"] -%}
    {%- set text.sql = "replace(" ~ text.sql ~ ", " ~ mark ~ ", ' ')" -%}
{%- endfor -%}
{%- set text.sql = "replace(replace(" ~ text.sql ~ ", ':', ' '), '/', ' ')" -%}
string_split(
    case
        when strlen({{ column }}) = length({{ column }}) then {{ text.sql }}
        else regexp_replace(
            replace({{ text.sql }}, '’', ''''),
            '([\x{2026}\x{2013}\x{2014}\x{201C}\x{201D}\x{00BF}\x{00A1}])|([\x{1F300}-\x{1FAFF}\x{2600}-\x{27BF}\x{2B50}])\x{FE0F}?',
            ' \2 ', 'g'
        )
    end, ' '
)
{%- endmacro %}

{% macro default__sentiment_hits(texts, weights, languages) %}
with

pairs as materialized (

    select
        pairs.language,
        pairs.term_no,
        split_part(pairs.term, ' ', 1) as first_word,
        hash(hash(split_part(pairs.term, ' ', 1)), hash(split_part(pairs.term, ' ', 2))) as pair_key,
        pairs.weight - coalesce(first_words.weight, 0) - case
            when first_words.negates and second_words.weight > 0 then -second_words.weight
            else coalesce(second_words.weight, 0)
        end as weight,
        pairs.pull - coalesce(first_words.pull, 0) - coalesce(second_words.pull, 0) as pull
    from {{ weights }} as pairs
    left join {{ weights }} as first_words
        on pairs.language = first_words.language and split_part(pairs.term, ' ', 1) = first_words.term
    left join {{ weights }} as second_words
        on pairs.language = second_words.language and split_part(pairs.term, ' ', 2) = second_words.term
    where contains(pairs.term, ' ')

),

known as materialized (

    select
        language,
        hash(term) as word_key,
        term_no,
        weight,
        pull,
        negates,
        (language, term) in (select (language, first_word) from pairs) as opens
    from {{ weights }}
    where not contains(term, ' ')
    union all
    -- a word that weighs nothing alone may open a pair
    select distinct language, hash(first_word), null, 0, 0, false, true
    from pairs
    where (language, first_word) not in (select (language, term) from {{ weights }})

),

found as materialized (
{% for language in languages or ['none'] %}
    select
        placed.text_id * 2097152 + placed.place as text_place,
        known.negates,
        coalesce(pairs.term_no, known.term_no) as term_no,
        known.weight + coalesce(pairs.weight, 0) as weight,
        known.pull + coalesce(pairs.pull, 0) as pull
    from (
        select
            text_id,
            unnest(keys) as word_key,
            unnest(keys[2:]) as next_key,
            generate_subscripts(keys, 1) as place
        from (
            select text_id, list_transform({{ default__sentiment_words('words') }}, lambda word: hash(word)) as keys
            from {{ texts }}
            where language = '{{ language }}'
        )
    ) as placed
    inner join (select * from known where language = '{{ language }}') as known
        on placed.word_key = known.word_key
    left join (select * from pairs where language = '{{ language }}') as pairs
        on case when known.opens then hash(placed.word_key, placed.next_key) end = pairs.pair_key
    {{ 'union all' if not loop.last }}
{%- endfor %}

),

negated as (

    select distinct unnest([text_place + 1, text_place + 2, text_place + 3]) as text_place
    from found
    where negates

)

select
    found.text_place // 2097152 as text_id,
    found.text_place % 2097152 as place,
    found.term_no,
    case when negated.text_place is not null then -found.weight else found.weight end as weight,
    found.pull,
    negated.text_place is not null as is_negated
from found
left join negated
    on case when found.weight > 0 then found.text_place end = negated.text_place
-- a word that only might have opened a pair
where found.term_no is not null
{%- endmacro %}
