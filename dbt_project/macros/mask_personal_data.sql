{#
    A text -> the same text with personal data replaced by its kind: [email], [iban], [card], [id], [phone], [ip]. Null stays null.

    Masking twice changes nothing. A text in which nothing could match is returned after one scan.
    Control characters but line feed and tab go too: they split an address unseen, and a terminal obeys them.
    Masked:
      email   any local part @ any domain with a top level, letters of any script; @ written %40 as in links
      iban    by the country's registered length, solid or in groups; in lower case and in groups only where all but the country is digits
      card    13-19 digits, solid or in groups of two or more, that pass Luhn. Groups are tried together, so an expiry date or CVV that
              follows does not hide the card; an order number of that length passes Luhn one time in ten and is lost
      ip      IPv4 with a part of two digits or more (1.2.3.4 is a version), IPv6 in full or with `::`
      id      US SSN with dashes, Spanish DNI (check letter verified) and NIE; SSN and German tax numbers after their cue word
      phone   with + or 00, with an area code in brackets, 3-3-4, trunk 0 in groups or 10-12 digits, Spanish and Indian mobiles
              in groups; any other 6-15 digits only after a cue (tel, call me on, mi número es, erreichbar unter ...)
    Left alone: dates, amounts, versions, ticket ids, order numbers, a bare run of digits without a cue.
    Not covered: names, postal addresses, digits outside ASCII, an e-mail address spelled out ("at", "dot").
#}
{% macro mask_personal_data(column) %}{{ return(adapter.dispatch('mask_personal_data', 'assay')(column)) }}{% endmacro %}

{% macro default__mask_personal_data(column) %}
{#- text copied from web pages and letters brings its own blanks and dashes -#}
{%- set blanks = ' \\x{a0}\\x{2009}\\x{202f}' -%}
{%- set dashes = '\\-\\x{2010}\\x{2011}\\x{2013}' -%}
{%- set gap = '[' ~ blanks ~ dashes ~ ']' -%}
{%- set dot_gap = '[.' ~ blanks ~ dashes ~ ']' -%}
{%- set any_gap = '[()./' ~ blanks ~ dashes ~ ']' -%}

{%- set email = '[^\\s@<>()\\[\\]{},;:"|]+(?:@|%40)[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]*[.])+(?:xn--[a-z0-9-]+|\\p{L}{2,})' -%}

{#- characters in a whole IBAN, by country: the SWIFT IBAN registry -#}
{%- set iban_lengths = {
    15: 'NO', 16: 'BE', 18: 'DK|FI|FK|FO|GL|NL|SD', 19: 'MK|SI', 20: 'AT|BA|EE|KZ|LT|LU|MN|XK', 21: 'CH|HR|LI|LV',
    22: 'BG|BH|CR|DE|GB|GE|IE|ME|RS|VA', 23: 'AE|GI|IL|IQ|OM|SO|TL', 24: 'AD|CZ|ES|MD|PK|RO|SA|SE|SK|TN|VG',
    25: 'LY|PT|ST', 26: 'IS|TR', 27: 'BI|DJ|FR|GR|IT|MC|MR|SM', 28: 'AL|AZ|BY|CY|DO|GT|HN|HU|LB|NI|PL|SV',
    29: 'BR|EG|PS|QA|UA', 30: 'JO|KW|MU|YE', 31: 'MT|SC', 32: 'LC', 33: 'RU'} -%}
{%- set ibans = [] -%}
{%- for length, countries in iban_lengths.items() -%}
    {%- set _ = ibans.append('(?:' ~ countries ~ ')' ~ gap ~ '?[0-9]{2}(?:' ~ gap ~ '?[A-Z0-9]){' ~ (length - 4) ~ '}') -%}
    {%- set _ = ibans.append('(?:' ~ countries.lower() ~ ')[0-9]{2}(?:[a-z0-9]{' ~ (length - 4) ~ '}|(?:' ~ gap ~ '?[0-9]){'
        ~ (length - 4) ~ '})') -%}
{%- endfor -%}
{%- set iban = '\\b(?:' ~ ibans | join('|') ~ ')\\b' -%}

{%- set octet = '(?:25[0-5]|2[0-4][0-9]|[01][0-9]{2}|[1-9]?[0-9])' -%}
{%- set long_octet = '(?:25[0-5]|2[0-4][0-9]|[01][0-9]{2}|[1-9][0-9])' -%}
{%- set ip = [
    '\\b' ~ long_octet ~ '(?:[.]' ~ octet ~ '){3}\\b',
    '\\b' ~ octet ~ '[.]' ~ long_octet ~ '(?:[.]' ~ octet ~ '){2}\\b',
    '\\b(?:' ~ octet ~ '[.]){2}' ~ long_octet ~ '[.]' ~ octet ~ '\\b',
    '\\b(?:' ~ octet ~ '[.]){3}' ~ long_octet ~ '\\b',
    '\\b(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}\\b',
    '\\b(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6}\\b',
] | join('|') -%}

{%- set id = '\\b[0-9]{3}[\\-\\x{2011}\\x{2013}][0-9]{2}[\\-\\x{2011}\\x{2013}][0-9]{4}\\b|\\b[XYZxyz]-?[0-9]{7}-?[A-Za-z]\\b' -%}
{%- set cued_id = '(?i:(\\b(?:ssn|social security(?: (?:number|no|nr|num))?|steuer-?id(?:entifikationsnummer|entnummer|-?nr|-?nummer)?'
    ~ '|steuer-?identifikationsnummer|steuer-?(?:nummer|nr)|idnr)(?:[ :.#=(]{1,3}(?:is|ist|lautet|nr|no))?[ :.#=(]{0,3})'
    ~ '[0-9](?:[ /-]?[0-9]){8,12}\\b)' -%}

{%- set phone = [
    '[+]\\(?[1-9](?:' ~ any_gap ~ '{0,3}[0-9]){6,14}\\b',
    '\\b00[1-9](?:' ~ any_gap ~ '{0,2}[0-9]){7,12}\\b',
    '\\([0-9]{2,5}\\)' ~ any_gap ~ '{0,2}[0-9]{3,4}(?:' ~ dot_gap ~ '?[0-9]{2,5}){1,3}\\b',
    '\\b(?:1' ~ dot_gap ~ ')?[0-9]{3}' ~ dot_gap ~ '[0-9]{3}' ~ dot_gap ~ '[0-9]{4}\\b',
    '\\b0[1-9][0-9]{1,5}[/.' ~ blanks ~ dashes ~ ']{1,3}(?:[0-9]{5,9}|[0-9]{2,5}(?:' ~ dot_gap ~ '[0-9]{2,5}){1,3})\\b',
    '\\b0[1-9](?: [0-9]{2}){4}\\b|\\b0[1-9](?:[.][0-9]{2}){4}\\b|\\b0[1-9](?:-[0-9]{2}){4}\\b',
    '\\b0[1-9]' ~ gap ~ '(?:[0-9]{4}' ~ gap ~ '[0-9]{4}|[0-9]{3}' ~ gap ~ '[0-9]{4}|[0-9]{3}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2})\\b',
    '\\b0[1-9][0-9]{8,10}\\b|\\b0[1-9]' ~ gap ~ '[0-9]{6,9}\\b|\\b0[1-9]-[0-9]{2,3} [0-9]{2} [0-9]{2}\\b',
    '\\b[5-9][0-9]{2}' ~ gap ~ '(?:[0-9]{3}' ~ gap ~ '[0-9]{3}|[0-9]{2}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2})\\b',
    '\\b9[1-8]' ~ gap ~ '[0-9]{3}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2}\\b|\\b[6-9][0-9]{4}' ~ gap ~ '[0-9]{5}\\b',
] | join('|') -%}
{%- set phone_cue = '\\b(?:(?:tele)?phone|telefone?|tel|mobile|cell(?:phone)?|fax|whatsapp|landline|(?:call|text|reach|ring|contact) (?:me|us)'
    ~ '(?: back)?|my number|callback|handy(?:nummer)?|mobil(?:nummer|funk)?|telefonnummer|rufnummer|rückruf(?:nummer)?|durchwahl'
    ~ '|meine nummer|erreichbar|erreichen|ruf(?:en)?(?: sie)? mich|tel[eé]fono|m[oó]vil|celular|ll[aá]m[ea]n?me|mi n[uú]mero)' -%}
{%- set cued_phone = '(?i:(' ~ phone_cue ~ '(?:[ :.,#=(/-]{1,3}(?:number|num|no|nr|nummer|n[uú]mero|is|ist|lautet|es|at|on|back|an|unter|al|en|sie|mich))'
    ~ '{0,4}[ :.,#=(/-]{0,4})(?:[0-9](?:' ~ any_gap ~ '{0,2}[0-9]){8,14}|[0-9](?:[()' ~ blanks ~ ']{0,2}[0-9]){5,14}'
    ~ '|[0-9]{3,4}' ~ dot_gap ~ '[0-9]{3,4}|[0-9]{2}(?:' ~ dot_gap ~ '[0-9]{2}){3})\\b)' -%}

{%- set control = '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x{9f}]' -%}
{%- set card_run = '[0-9](?:' ~ gap ~ '{0,2}[0-9]){12,}' -%}
{%- set dni = '\\b[0-9]{8}-?[A-HJ-NP-TV-Za-hj-np-tv-z]\\b' -%}
{#- One pattern for all kinds, so that most texts cost one scan. It stays small enough for a DFA, which is why IBANs are only
    sketched here: with their lengths spelled out it ran 80 times slower. -#}
{%- set suspect = [
    email,
    '\\b[A-Z]{2}' ~ gap ~ '?[0-9]{2}(?:' ~ gap ~ '?[A-Z0-9]){11,}\\b',
    '\\b[a-z]{2}[0-9]{2}(?:[a-z0-9]{11,}|(?:' ~ gap ~ '?[0-9]){11,})\\b',
    cued_id | replace('(?i:(', '(?i:(?:', 1), cued_phone | replace('(?i:(', '(?i:(?:', 1),
    '[+(]?[0-9](?:' ~ any_gap ~ '{0,3}[0-9]){12,}',
    ip, id, phone, dni, control,
] | join('|') -%}
{%- set steps = [(id ~ '|' ~ cued_id, '\\1[id]'), (phone ~ '|' ~ cued_phone, '\\1[phone]'), (ip, '[ip]')] -%}
{%- set first_steps = [('\\r\\n?', '\n'), (control, ''), (email, '[email]'), (iban, '[iban]')] -%}
case
    when not regexp_matches({{ column }}, '{{ suspect }}') then {{ column }}
    -- working out check digits costs more than all patterns together, and few texts hold a number to check
    -- (without word boundaries: masking what stands before it gives a number one; nor can a number be seen
    -- through control characters)
    when regexp_matches({{ column }}, '{{ card_run }}|{{ control }}|{{ dni | replace('\\b', '') }}') then {{ assay_mask_in_order(
        steps, assay_mask_checked(assay_mask_in_order(first_steps, column), card_run, dni)
    ) }}
    else {{ assay_mask_in_order(first_steps + steps, column) }}
end
{%- endmacro %}

{#- each pattern replaced in what the ones before it left -#}
{% macro assay_mask_in_order(steps, expression) %}
{%- set text = namespace(sql=expression) -%}
{%- for pattern, label in steps -%}
    {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', '" ~ label ~ "', 'g')" -%}
{%- endfor -%}
{{ text.sql }}
{%- endmacro %}

{#- Numbers that carry a check digit, worked out on the pieces where they might be: the cards last, because they need no
    word boundary. A word grown together with a card goes with it: cut off, it would pass for a word of its own. -#}
{% macro assay_mask_checked(expression, card_run, dni) %}
list_transform(
    -- lists of one, so that a text is worked out once and read several times
    list_transform(
        [{{ expression }}],
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
