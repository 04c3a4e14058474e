{#
    Texts -> the words and pairs of words that weigh something in them: text_id, place (of the word, from 1), words (1, or 2
    for a pair), weight (below zero complaint, above zero praise), pull (towards a plain question or account), term and
    pair_term (as in the pack; null where only the other one is known).

    `texts` has text_id, language, words; `weights` the rows of one version of the pack; `negators` are words of any
    language. A pair replaces what its words weigh alone. Praise within three words after a negator turns into complaint;
    complaint after a negator stays what it is ("not only rude", "never so late"), unless a pair knows better.

    Everything is whole numbers, so the order in which threads add them up does not matter.
#}
{% macro sentiment_hits(texts, weights, negators) %}{{ return(adapter.dispatch('sentiment_hits', 'assay')(texts, weights, negators)) }}{% endmacro %}

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

{% macro default__sentiment_hits(texts, weights, negators) %}
{%- set negated = [] -%}
{%- for word in negators %}{% set _ = negated.append("'" ~ word | replace("'", "''") ~ "'") %}{% endfor -%}
{%- set negated = "(" ~ negated | join(", ") ~ ")" if negated else "('')" -%}
with

single_words as (

    select language, term, weight, pull, negates
    from {{ weights }}
    where not contains(term, ' ')

),

pairs as (

    select
        pairs.language,
        pairs.term,
        -- by one number, because a key of two strings is built again for every word of every text
        hash(pairs.language, split_part(pairs.term, ' ', 1), split_part(pairs.term, ' ', 2)) as pair_key,
        pairs.weight - coalesce(first_word.weight, 0) - case
            when first_word.negates and second_word.weight > 0 then -second_word.weight
            else coalesce(second_word.weight, 0)
        end as weight,
        pairs.pull - coalesce(first_word.pull, 0) - coalesce(second_word.pull, 0) as pull
    from {{ weights }} as pairs
    left join single_words as first_word
        on pairs.language = first_word.language and split_part(pairs.term, ' ', 1) = first_word.term
    left join single_words as second_word
        on pairs.language = second_word.language and split_part(pairs.term, ' ', 2) = second_word.term
    where contains(pairs.term, ' ')

),

split as (

    select text_id, language, {{ default__sentiment_words('words') }} as words from {{ texts }}

),

placed as (

    select
        text_id,
        language,
        words,
        unnest(words) as word,
        unnest(words[2:]) as next_word,
        generate_subscripts(words, 1) as place
    from split

),

hits as (

    select
        placed.text_id,
        placed.place,
        placed.words,
        pairs.term as pair_term,
        single_words.term,
        coalesce(single_words.weight, 0) + coalesce(pairs.weight, 0) as weight,
        coalesce(single_words.pull, 0) + coalesce(pairs.pull, 0) as pull
    from placed
    left join single_words
        on placed.word = single_words.term and placed.language = single_words.language
    left join pairs
        on hash(placed.language, placed.word, placed.next_word) = pairs.pair_key
    where single_words.term is not null or pairs.term is not null

),

negated as (

    select
        *,
        weight > 0 and (
            words[place - 1] in {{ negated }}
            or (place > 2 and words[place - 2] in {{ negated }})
            or (place > 3 and words[place - 3] in {{ negated }})
        ) as is_negated
    from hits

)

select
    text_id,
    place,
    term,
    pair_term,
    case when pair_term is null then 1 else 2 end as words,
    case when is_negated then -weight else weight end as weight,
    pull,
    is_negated
from negated
{%- endmacro %}
