{#
    One raw tag as agents typed it -> the form that raw_tag_map and machine_tags are keyed by. Null when nothing is left.

    Applying it twice changes nothing, so a map may hold either form. What it does, in order:
      1. compatibility characters to plain ones: DuckDB has NFC but no NFKC, so full-width ASCII, Latin ligatures, super- and
         subscript digits and circled digits are spelled out; mathematical letters, half-width kana, Roman-numeral signs are not
      2. lower case; keycap emoji gone whole, or their digit would pass for numbering
      3. a Zendesk dynamic-content mark in front (__dc.name__) gone, unless it is the whole tag: then its name is the tag
      4. numbering in front gone: `1.`, `2)`, `1.2.` before a word, and zero-padded `01_`. A bare number stays, because in
         2fa, 2nd_contact, 3_day_delay or 1_star it is the meaning
      5. blanks, dashes and separating punctuation to one `_`
      6. everything that is no letter, mark, decimal digit or `_` gone (emoji, `!`, `?`, `#`, quotes)
      7. `cf_` of custom-field tags gone, `_` at the ends gone
    Digits inside and at the end stay (chargeback_q3, renewal_2025, err500): whether a quarter matters is the map's business.
#}
{% macro normalise_raw_tag(column) %}{{ return(adapter.dispatch('normalise_raw_tag', 'assay')(column)) }}{% endmacro %}

{% macro default__normalise_raw_tag(column) %}
{%- set wide = '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～⁰¹²³⁴⁵⁶⁷⁸⁹₀₁₂₃₄₅₆₇₈₉①②③④⑤⑥⑦⑧⑨' -%}
{%- set plain = '!"#$%&\'\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~01234567890123456789123456789' -%}
{%- set ligatures = [('ﬃ', 'ffi'), ('ﬄ', 'ffl'), ('ﬀ', 'ff'), ('ﬁ', 'fi'), ('ﬂ', 'fl'), ('ﬅ', 'st'), ('ﬆ', 'st')] -%}
{%- set text = namespace(sql="translate(" ~ column ~ ", '" ~ wide ~ "', '" ~ plain ~ "')") -%}
{%- for sign, letters in ligatures -%}
    {%- set text.sql = "replace(" ~ text.sql ~ ", '" ~ sign ~ "', '" ~ letters ~ "')" -%}
{%- endfor -%}
{%- set text.sql = "lower(nfc_normalize(" ~ text.sql ~ "))" -%}
{%- set steps = [
    ('[0-9#*]\\x{fe0f}?\\x{20e3}', ''),
    ('[\\x{fe00}-\\x{fe0f}\\x{20e3}\\x{e0100}-\\x{e01ef}]', ''),
    ('^[\\s_{]*__dc[.](.*?)__(.*[\\p{L}\\p{Nd}].*)$', '\\2'),
    ('^[\\s\\p{Z}_{]*(?:__)?dc[.]', ''),
    ('^[\\s\\p{Z}_]*(?:cf[_\\s.-]+)*(?:[0-9]{1,2}[.)][\\s\\p{Z}_]*)+([^0-9\\s\\p{Z}_])', '\\1'),
    ('[\\s\\p{Z}\\p{Pd}_/.:\\\\|>,;&+=~()\\[\\]{}]+', '_'),
    ('[^\\p{L}\\p{M}\\p{Nd}_]+', ''),
    ('_+', '_'),
    ('^_|_$', ''),
    ('^(?:cf_|0[0-9]_)+', ''),
] -%}
{%- for pattern, replacement in steps -%}
    {%- set text.sql = "regexp_replace(" ~ text.sql ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')" -%}
{%- endfor -%}
nullif(nfc_normalize({{ text.sql }}), '')
{%- endmacro %}
