{#
    Numbers that carry a check digit, worked out on the pieces where they might be: the cards last, because they need no
    word boundary. A word grown together with a card goes with it: cut off, it would pass for a word of its own.
#}
{% macro assay_mask_checked(expression, iban, card_run, dni) %}
list_transform(
    -- lists of one, so that a text is worked out once and read several times
    list_transform(
        [{{ assay_mask_ibans(expression, iban) }}],
        lambda letter: case
            when regexp_matches(letter, '{{ dni }}')
                then {{ assay_mask_pieces('letter', dni, "case when " ~ assay_passes_dni('piece') ~ " then '[id]' else piece end") }}
            else letter
        end
    ),
    lambda letter: case
        when regexp_matches(letter, '{{ card_run }}') then regexp_replace(
            {{ assay_mask_pieces('letter', card_run | replace('{12,}', '{12,95}'), assay_mask_cards('piece')) }},
            '[0-9A-Za-z_]*[\[]card[\]][0-9A-Za-z_]*', '[card]', 'g'
        )
        else letter
    end
)[1]
{%- endmacro %}

{#- the text with every match of the pattern replaced by an expression of `piece` -#}
{% macro assay_mask_pieces(text, pattern, masked) %}
array_to_string(
    list_transform(
        list_zip(
            regexp_split_to_array({{ text }}, '{{ pattern }}'),
            list_transform(regexp_extract_all({{ text }}, '{{ pattern }}'), lambda piece: {{ masked }})
        ),
        lambda pair: pair[1] || coalesce(pair[2], '')
    ),
    ''
)
{%- endmacro %}

{#- every stretch of whole groups is tried, and the longest that passes goes first -#}
{% macro assay_mask_cards(run) %}
list_reduce(
    list_transform(
        list_sort(list_transform(
            list_filter(
                list_distinct({{ assay_stretches_of_groups(run) }}),
                lambda stretch: not regexp_matches(stretch, '^[0-9][^0-9]|[^0-9][0-9][^0-9]|[^0-9][0-9]$')
                    and {{ assay_passes_luhn("regexp_replace(stretch, '[^0-9]+', '', 'g')") }}
            ),
            lambda card: {'rank': -length(card), 'card': card}
        )),
        lambda ranked: ranked.card
    ),
    lambda rest, card: replace(rest, card, '[card]'),
    {{ run }}
)
{%- endmacro %}

{#- the parts of a run of digits and blanks that begin and end with a group; 19 digits in pairs, two blanks each, are 37 long -#}
{% macro assay_stretches_of_groups(run) %}
flatten(list_transform(
    list_filter(
        range(1, length({{ run }}) - 11),
        lambda first: first = 1 or regexp_matches({{ run }}[first - 1:first], '^[^0-9][0-9]$')
    ),
    lambda first: list_transform(
        list_filter(
            range(first + 12, least(first + 38, length({{ run }}) + 1)),
            lambda last: regexp_matches({{ run }}[last:last + 1], '^[0-9](?:$|[^0-9])')
        ),
        lambda last: {{ run }}[first:last]
    )
))
{%- endmacro %}

{#- true of eight digits and the letter that they lead to -#}
{% macro assay_passes_dni(number) %}
upper({{ number }}[-1]) = 'TRWAGMYFPDXBNJZSQVHLCKE'[cast({{ number }}[1:8] as integer) % 23 + 1]
{%- endmacro %}

{#- true of 13-19 digits whose Luhn sum is a multiple of ten; no issuer number begins with 0 -#}
{% macro assay_passes_luhn(digits) %}
length({{ digits }}) between 13 and 19
and {{ digits }}[1] <> '0'
and list_sum(list_transform(
    string_split(reverse({{ digits }}), ''),
    lambda digit, place: case
        when place % 2 = 1 then cast(digit as integer)
        else cast(digit as integer) * 2 - case when cast(digit as integer) > 4 then 9 else 0 end
    end
)) % 10 = 0
{%- endmacro %}

{#- Each is set in marks, \x04 before and \x05 after, and the marked ones are worked out: their pattern is too long to be
    compiled again for every vector, as it would be inside the lambda. -#}
{% macro assay_mask_ibans(expression, iban) %}
array_to_string(
    list_transform(
        string_split(regexp_replace({{ expression }}, '({{ iban }})', chr(4) || '\1' || chr(5), 'g'), chr(4)),
        lambda piece: case
            when contains(piece, chr(5)) and {{ assay_passes_mod_97("string_split(piece, chr(5))[1]") }}
                then '[iban]' || string_split(piece, chr(5))[2]
            else replace(piece, chr(5), '')
        end
    ),
    ''
)
{%- endmacro %}

{#- true of an IBAN whose check digits are right: ISO 7064 mod 97-10, letters as 10-35, the first four characters last -#}
{% macro assay_passes_mod_97(iban) %}
list_reduce(
    list_transform(
        string_split(
            regexp_replace(upper({{ iban }}), '[^0-9A-Z]', '', 'g')[5:] || regexp_replace(upper({{ iban }}), '[^0-9A-Z]', '', 'g')[1:4],
            ''
        ),
        lambda character: case when character >= 'A' then ascii(character) - 55 else cast(character as integer) end
    ),
    lambda rest, digit: (rest * case when digit > 9 then 100 else 10 end + digit) % 97
) = 1
{%- endmacro %}
