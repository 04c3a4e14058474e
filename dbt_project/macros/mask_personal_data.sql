{#
    A text -> the same text with personal data replaced by its kind: [email], [iban], [card], [id], [phone], [ip]. Null stays
    null. Names and addresses, in prose alone: see mask_names_and_addresses.

    Masking twice changes nothing. A text in which nothing could match costs two scans.
    Control characters but line feed and tab go too: they split an address unseen, and a terminal obeys them.
    Masked:
      email   any local part @ any domain with a top level, letters of any script; @ written %40 as in links; spelled out as
              name (at) site (dot) com
      iban    by the country's registered length and its check digits (ISO 13616), solid or in groups; in lower case and in groups
              only where all but the country is digits
      card    13-19 digits, solid or in groups of two or more, that pass Luhn. Groups are tried together, so an expiry date or CVV that
              follows does not hide the card; an order number of that length passes Luhn one time in ten and is lost
      ip      IPv4 with a part of two digits or more (1.2.3.4 is a version), IPv6 in full or with `::`
      id      US SSN in groups, Spanish DNI (check letter verified) and NIE, British NINO, Italian codice fiscale, German tax id and French
              NIR in groups, Brazilian CPF, Swiss AHV; anything with a digit in it after a cue (SSN, BSN, SIN, Aadhaar, passport, ...)
      phone   with + or 00, with an area code in brackets, 3-3-4, trunk 0 in groups or 10-12 digits, Spanish and Indian mobiles
              in groups; any other 6-15 digits only after a cue (tel, call me on, mi número es, erreichbar unter ...)
    Left alone: dates, amounts, versions, ticket ids, order numbers, a bare run of digits without a cue.
    Not covered: names in running text, digits outside ASCII.
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
{%- set spelled_at = ' ?(?i:[(\\[{<]at[)\\]}>]|[(\\[{]ät[)\\]}]|[(\\[{]arroba[)\\]}]) ?' -%}
{%- set spelled_mark = '(?i:[(\\[{<](?:at|ät|arroba)[)\\]}>]| (?:dot|punto|punkt) \\p{L}{2,}|@ [\\p{L}\\p{N}-]+ [.] )' -%}
{%- set spelled_dot = ' ?(?i:[(\\[{<](?:dot|punkt|punto)[)\\]}>]|[.]| dot | punkt | punto ) ?' -%}
{#- without letters of other scripts: with them it is no automaton any more, and twenty times slower -#}
{%- set spelled_email = '[A-Za-z0-9][A-Za-z0-9._+-]*(?: ?(?i:[(\\[{<](?:dot|punkt|punto)[)\\]}>]| dot | punkt | punto ) ?[A-Za-z0-9_+-]+)*(?:'
    ~ spelled_at ~ '[A-Za-z0-9-]+(?:' ~ spelled_dot ~ '[A-Za-z0-9-]+)*' ~ spelled_dot ~ '[A-Za-z]{2,}'
    ~ '|(?i: at | arroba | ät |@)[A-Za-z0-9-]+(?:(?i: dot | punto | punkt )[A-Za-z0-9-]+)*(?i: dot | punto | punkt )[A-Za-z]{2,}'
    ~ '|(?: [.] [A-Za-z0-9_+-]+)* @ [A-Za-z0-9-]+(?: [.] [A-Za-z0-9-]+)* [.] [A-Za-z]{2,})\\b' -%}

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

{%- set id = [
    '\\b[0-9]{3}[\\-\\x{2011}\\x{2013}][0-9]{2}[\\-\\x{2011}\\x{2013}][0-9]{4}\\b|\\b[0-9]{3} [0-9]{2} [0-9]{4}\\b',
    '\\b[XYZxyz][ -]?[0-9]{7}[ -]?[A-Za-z]\\b|\\b[0-9]{2}[.][0-9]{3}[.][0-9]{3}[ -]?[A-Za-z]\\b',
    '\\b[A-CEGHJ-PR-TW-Za-ceghj-pr-tw-z][A-CEGHJ-NPR-TW-Za-ceghj-npr-tw-z][ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[0-9]{2}[ -]?[A-Da-d]\\b',
    '\\b[A-Za-z]{6}[0-9]{2}[A-EHLMPRSTa-ehlmprst][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]\\b',
    '\\b[0-9]{2} [0-9]{3} [0-9]{3} [0-9]{3}\\b|\\b[12] [0-9]{2} (?:0[1-9]|1[0-2]) (?:[0-9]{2}|2[AB]) [0-9]{3} [0-9]{3}(?: [0-9]{2})?\\b',
    '\\b[12][0-9]{2}(?:0[1-9]|1[0-2])(?:[0-9]{2}|2[AB])[0-9]{8}\\b',
    '\\b[0-9]{3}[.][0-9]{3}[.][0-9]{3}-[0-9]{2}\\b|\\b756[.][0-9]{4}[.][0-9]{4}[.][0-9]{2}\\b',
    '\\b[A-Z]{3}[ABCFGHLJPT][A-Z][0-9]{4}[A-Z]\\b',
] | join('|') -%}
{%- set id_cue = 'ssn|itin|social (?:security|insurance)|steuer-?(?:id(?:entifikationsnummer|ent)?|nummer|nr)|identifikationsnummer|renten-?versicherung(?:snummer|s-?nr)?|versicherungsnummer|krankenversicher\\p{L}+|tax id|idnr|tin|dni|nie|nif|nino'
    ~ '|national (?:insurance|id)|identity card|bsn|burgerservicenummer|sofinummer|sin|aadhaar|aadhar|cpf|pesel|codice fiscale|nir|nss'
    ~ '|s[eé]curit[eé] sociale|seguridad social|sozialversicherung(?:s(?:nummer|nr))?|passport|reisepass|pasaporte|passeport'
    ~ '|ru[tn]|pps(?:n)?|person(?:al|en)? ?(?:identity code|identification number|number|nummer)|identity (?:code|number)|cpr|cui[lt]|c[eé]dula|medicare|nhs|(?:personal)?ausweis|driver.?s licen[cs]e|driving licence|f[uü]hrerschein|carnet de conducir|permiso de conducir|pan card|curp' -%}
{%- set cued_id = '(?i:(\\b(?:' ~ id_cue ~ ')(?:[ -]?(?:number|num|nummer|card|no|nr|n[uú]mero|n°|id))?'
    ~ '(?:[ :.#=(]{1,3}(?:number|is|ist|lautet|es|est|nr|no|der|vom|n[uú]mero|n°|:|-))*[ :.#=(]{0,3})'
    ~ '(?:[a-z]{0,5}[0-9][a-z0-9]{4,17}\\b|[a-z]{0,3}[0-9][0-9a-z]{0,6}(?:[ ./-][0-9][0-9a-z]{0,6}){1,7}(?:[ ./-][a-z]\\b)?))' -%}
{#- words that can mean nothing else: the number may follow at some distance, but not beyond what is masked already: else a
    text masked twice would lose more than one masked once -#}
{%- set far_cue = 'ssn|social security|burgerservicenummer|bsn|pesel|personnummer|steuer-?id(?:entifikationsnummer|nr)?|identifikationsnummer|idnr|national insurance|passport|reisepass|pasaporte|aadhaar|cpf|codice fiscale|identity code|dni|nif|nino' -%}
{%- set far_id = '(?i:(\\b(?:' ~ far_cue ~ ')\\b[^0-9\\[]{0,30}?\\[?\\b)([a-z]{0,2}[0-9][0-9a-z]{5,13}\\b|[0-9]{2,6}(?:[./ -][0-9]{2,6}){1,4}(?:[ -]?[a-z]\\b)?|[0-9]{6}-?[0-9]{3}[0-9a-z]\\b))' -%}

{%- set plus_phone = '[+]\\(?[1-9](?:' ~ any_gap ~ '{0,3}[0-9]){6,14}\\b' -%}
{%- set phone = [
    plus_phone,
    '\\b(?i:text|call|ring|sms|dial|wh?ats?app|wasap|wsp|cel|update it to|number to) [0-9]{9,11}\\b',
    '\\b00[1-9](?:' ~ any_gap ~ '{0,2}[0-9]){7,12}\\b',
    '\\([0-9]{2,5}\\)' ~ any_gap ~ '{0,2}[0-9]{3,4}(?:' ~ dot_gap ~ '{0,3}[0-9]{2,5}){1,3}\\b',
    '\\b(?:1' ~ dot_gap ~ ')?[0-9]{3}' ~ dot_gap ~ '[0-9]{3}' ~ dot_gap ~ '[0-9]{4}\\b',
    '\\b0[1-9][0-9]{1,5}[/.' ~ blanks ~ dashes ~ ']{1,3}(?:[0-9]{5,9}|[0-9]{2,5}(?:' ~ dot_gap ~ '[0-9]{2,5}){1,3})\\b',
    '\\b0[1-9](?: [0-9]{2}){4}\\b|\\b0[1-9](?:[.][0-9]{2}){4}\\b|\\b0[1-9](?:-[0-9]{2}){4}\\b',
    '\\b0[1-9]' ~ gap ~ '(?:[0-9]{4}' ~ gap ~ '[0-9]{4}|[0-9]{3}' ~ gap ~ '[0-9]{4}|[0-9]{3}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2})\\b',
    '\\b0[1-9][0-9]{8,10}\\b|\\b0[1-9]' ~ gap ~ '[0-9]{6,9}\\b|\\b0[1-9]-[0-9]{2,3} [0-9]{2} [0-9]{2}\\b',
    '\\b[5-9][0-9]{2}' ~ gap ~ '(?:[0-9]{3}' ~ gap ~ '[0-9]{3}|[0-9]{2}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2})\\b',
    '\\b9[1-8]' ~ gap ~ '[0-9]{3}' ~ gap ~ '[0-9]{2}' ~ gap ~ '[0-9]{2}\\b|\\b[6-9][0-9]{4}' ~ gap ~ '[0-9]{5}\\b',
] | join('|') -%}
{%- set phone_cue = '\\b(?:(?:tele)?phone|ph|mob|telefone?|tel|mobile|cell(?:phone)?|fax|whatsapp|landline|(?:call|text|reach|ring|contact) (?:me|us)'
    ~ '(?: back)?|my number|callback|handy(?:nummer)?|mobil(?:nummer|funk)?|telefonnummer|rufnummer|rückruf(?:nummer)?|durchwahl'
    ~ '|meine nummer|erreichbar|erreichen|ruf(?:en)?(?: sie)? mich|tel[eé]fono|m[oó]vil|celular|ll[aá]m[ea]n?me|mi n[uú]mero)' -%}
{%- set cued_phone = '(?i:(' ~ phone_cue ~ '(?:[ :.,#=(/-]{1,3}(?:number|num|no|nr|nummer|n[uú]mero|is|ist|lautet|es|at|on|back|an|unter|al|en|sie|mich))'
    ~ '{0,4}[ :.,#=(/-]{0,4})(?:[0-9](?:' ~ any_gap ~ '{0,2}[0-9]){8,14}|[0-9](?:[()' ~ blanks ~ ']{0,2}[0-9]){5,14}'
    ~ '|[0-9]{3,4}' ~ dot_gap ~ '[0-9]{3,4}|[0-9]{2}(?:' ~ dot_gap ~ '[0-9]{2}){3})\\b)' -%}

{%- set control = '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x{9f}]' -%}
{%- set card_run = '[0-9](?:' ~ dot_gap ~ '{0,2}[0-9]){12,}' -%}
{%- set dni = '\\b[0-9]{8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z]\\b' -%}
{%- set iban_sketch = '\\b[A-Z]{2}' ~ gap ~ '?[0-9]{2}(?:' ~ gap ~ '?[A-Z0-9]){11,}\\b'
    ~ '|' ~ '\\b[a-z]{2}[0-9]{2}(?:[a-z0-9]{11,}|(?:' ~ gap ~ '?[0-9]){11,})\\b' -%}
{#- Two patterns for all kinds, so that most texts cost two scans. Each stays small enough for a DFA: one pattern for both ran
    three times slower, and with the lengths of IBANs spelled out 80 times. -#}
{%- set words = [
    email, spelled_mark,
    cued_id | replace('(?i:(', '(?i:(?:', 1), '(?i:\\b(?:' ~ far_cue ~ ')\\b)', cued_phone | replace('(?i:(', '(?i:(?:', 1),
] | join('|') -%}
{%- set numbers = [iban_sketch, '[+(]?[0-9](?:' ~ any_gap ~ '{0,3}[0-9]){12,}', ip, id, phone, dni, control] | join('|') -%}
{%- set steps = [(plus_phone, '[phone]'), (id ~ '|' ~ cued_id, '\\1[id]'), (far_id, '\\1[id]'), (phone ~ '|' ~ cued_phone, '\\1[phone]'), (ip, '[ip]')] -%}
{#- a version is no address, and icon@2x.png no mailbox: a mark inside keeps both from looking like one -#}
{%- set looks_like = [
    ('(?i:(\\b(?:versi[oó]n|release|firmware|build|driver|treiber|update|software|v|rev|ver)[.]?(?: (?:no|number|nummer|nr)[.]?)?(?: (?:is|to|from|ist|auf|von|a|de|la))?[ :]*v?[0-9]+)[.])', "\\1' || chr(2) || '."),
    ('@([0-9]x[.])', "@' || chr(2) || '\\1"),
] -%}
{%- set text = assay_line_feeds(column) -%}
{%- set first_steps = [(control, '')] + looks_like + [(email, '[email]'), (spelled_email, '[email]')] -%}
case
    when not (regexp_matches({{ column }}, '{{ words }}') or regexp_matches({{ column }}, '{{ numbers }}')) then {{ text }}
    -- working out check digits costs more than all patterns together, and few texts hold a number to check
    -- (without word boundaries: masking what stands before it gives a number one; nor can a number be seen
    -- through control characters)
    when regexp_matches({{ column }}, '{{ card_run }}|{{ control }}|{{ dni | replace('\\b', '') }}|{{ iban_sketch }}') then replace({{ assay_mask_in_order(
        steps, assay_mask_checked(assay_mask_in_order(first_steps, text), iban, card_run, dni)
    ) }}, chr(2), '')
    else replace({{ assay_mask_in_order(first_steps + steps, text) }}, chr(2), '')
end
{%- endmacro %}

{#- letters from elsewhere end their lines in two characters, or in the other one -#}
{% macro assay_line_feeds(column) %}replace(replace({{ column }}, chr(13) || chr(10), chr(10)), chr(13), chr(10)){% endmacro %}

{#- each pattern replaced in what the ones before it left -#}
{% macro assay_mask_in_order(steps, expression) %}
{%- set text = namespace(sql=expression) -%}
{%- for pattern, label in steps -%}
    {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', '" ~ label ~ "', 'g')" -%}
{%- endfor -%}
{{ text.sql }}
{%- endmacro %}
