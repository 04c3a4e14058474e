{#
    A relation with a column of prose -> the same relation, names and postal addresses in that column replaced by [name] and
    [address], where a rule can tell them, and its lines ended by line feeds alone.

    Masked:
      name     after a closing (Kind regards, / Viele Grüße / Saludos), in a greeting (Dear Nora,), after a title (Mr Smith), after words
               that introduce one (my name is, this is … calling, ich heiße, me llamo), after a last dash
      address  house number with a street word (12 High Street, Hauptstraße 5, Calle Mayor 3, 4 rue de la Paix), what follows it up
               to the postcode, and boxes (PO Box 12, Postfach 10, Apartado 5, Packstation 101)
    Not covered: names in running text, names in small letters, villages without a street.
    Each kind is a select of its own, behind a sketch that is cheap: most texts pay for the sketches alone, and no pattern is
    written (and compiled) twice.
#}
{% macro mask_names_and_addresses(relation, column) %}{{ return(adapter.dispatch('mask_names_and_addresses', 'assay')(relation, column)) }}{% endmacro %}

{% macro default__mask_names_and_addresses(relation, column) %}
{%- set word = "(?:\\p{Lu}[.](?:[ -]?\\p{Lu}[.])*|(?:[a-z]{2,3}-)?\\p{Lu}[\\p{L}''’-]+)" -%}
{#- a word in capitals alone is shouted more often than it is a name -#}
{%- set mixed = "\\p{Lu}[\\p{L}''’-]*\\p{Ll}[\\p{L}''’-]*" -%}
{%- set particle = '(?:de la|de los|de|del|da|dos|di|van der|van den|van|von der|von|zu|y|bin|al|la|le)' -%}
{%- set name = word ~ '(?:[ ](?:' ~ particle ~ '[ ])?(?:["“(]\\p{L}+["”)][ ])?' ~ word ~ '){0,3}' -%}
{%- set closing = '(?:(?:with |my |mit |con )?(?:(?:very |all the |many |most )?(?:kind(?:est)?|best|warm(?:est)?|sincere|good) )?(?:regards|wishes)'
    ~ '|(?:yours |most )?(?:sincerely|truly|faithfully|respectfully)(?: yours)?|cheers|cordially|take care|all the best|best|rgds|br|ta|thx'
    ~ '|(?:(?:many|with) )?thanks?(?: you)?(?: (?:again|so much|very much|a lot|in advance|and (?:kind |best )?regards|kindly|for your (?:help|time|support)))*'
    ~ '|(?:mit |viele |liebe |beste |herzliche |sch[öo]ne |freundliche[nr]? |vielen )*(?:gr(?:u|ü|ue)(?:ß|ss)e?n?|dank)(?: im voraus)?(?: aus \\p{L}+)?'
    ~ '|hochachtungsvoll|mfg|vg|lg|danke(?: sch[öo]n| im voraus| und gru(?:ß|ss))?'
    ~ '|(?:un |muchos |reciba un )?(?:cordial(?:es)? )?(?:saludos?|abrazo)(?: cordial(?:es)?)?|atentamente|cordialmente|(?:muchas |mil )?gracias(?: de antemano| por todo| y saludos)?'
    ~ '|(?:bien )?cordialement|sinc[eè]res salutations|merci|warmly|love|greetings|bye|ciao|tsch(?:ü|u)(?:ß|ss)|bis bald|hasta luego|un beso|besos|peace|signed|firmado|fdo[.]?|unterzeichnet)' -%}
{#- words that stand where a name could and are none -#}
{%- set no_name = '(?:The|Our|Your|Team|Support|Customer|Service|Sent|Any|Please|Can|Could|Is|Are|Do|Does|When|What|Where|How|Why|We|It|This|That|Order'
    ~ '|Ticket|Kunden\\p{L}*|Ihr|Euer|Das|Die|Der|Ich|Wir|Bitte|Equipo|El|La|Los|Por|Atenci[oó]n|Sir|Madam|Sirs|All|Everyone|Everybody|There|Folks|Team\\p{L}*'
    ~ '|Friends?|Customers?|Zusammen|Damen|Alle|Todos|Todas|Se[ñn]or(?:es|as)?|Cliente|Kunde|Premium|User|From|To|Subject|Date|Update|Re|Fwd|PS|Again|Much|Help|Admin|Sales|Billing'
    ~ '|Tech|Technical|Care|Agent|Bot|Manager|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|Happy|Merry|Also|And|But|So|Not|Hope|Looking|You|Your|Consumer|If|In|At|As|On|An?|My|Me|Mine|They|He|She|His|Her|Not|No|Yes|Then|Over|Since|Because|After|Before|With|Without|For|Of|Or|Some|All|Great|Works?|Worked|Nice|Good|Awesome|Amazing|Excellent|Perfect|Very|Really|Now|Just|Extremely|Still|Accounts?|Department|Finance|Purchasing|Office|Buchhaltung|Einkauf|Vertrieb|Verwaltung|Sekretariat|Sch[öo]nes?|Frohe[sn]?|Gute[nrs]?|Departamento|Una?|Feliz|Buen|Nord\\p{L}+|S[üu]d\\p{L}+|Wochenende|Martens|Oetker|Pepper|Sim[óo]n|Scholl|Hauschka|Beckmann|Bronner)' -%}
{%- set closers = 'Regards|Thanks|Thank|Kind|Best|Warm|Many|Cheers|Sincerely|Yours|Mit|Mf[Gg]|LG|VG|Viele|Vielen|Liebe|Beste|Danke|Gru(?:ß|ss)|Gr[uü](?:ß|ss)e|Cordialmente|Saludos?|Un|Atentamente|Gracias|Muchas|Merci' -%}
{%- set title = '(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Herrn?|Frau|Se[ñn]ora?|Sra?|Doña|Mme|Monsieur|Madame)' -%}
{%- set greeting = '(?:[Dd]ear|[Hh]i(?: there)?|[Hh]ello|[Hh]ey|[Hh]iya|[Gg]ood (?:[Mm]orning|[Aa]fternoon|[Ee]vening|[Dd]ay)|[Hh]allo|[Ll]iebe[rs]?|[Gg]uten (?:Tag|Morgen|Abend)'
    ~ '|[Ss]ehr geehrte[rs]?|[Mm]oin|[Ss]ervus|[Hh]ola|[Ee]stimad[oa]|[Qq]uerid[oa]|[Bb]uen(?:os|as) (?:d[ií]as|tardes|noches)|[Bb]onjour|[Cc]her|[Cc]h[eè]re|[Tt]hanks|[Tt]hank you|[Gg]racias|[Dd]anke)' -%}
{%- set introduction = "(?i:\\bmy (?:full )?name(?:''s| is)|\\bmy name:|\\bname:|\\bthe name is|\\bi am called|\\b(?:ich )?hei(?:ß|ss)e|\\bmein name ist|\\bme llamo|\\bmi nombre es|\\bmi nombre:|\\bnombre:|\\b(?:under|in) the name(?: of)?|\\b(?:account|card|policy) ?holder(?: is|''s name is| name)?:?|\\bname on (?:the |my )?(?:account|card|order|booking)(?: is|:)?|\\ba nombre de|\\bauf den namen|\\bkontoinhaber(?:in)?(?: ist|:)?|\\btitular(?: es|:)|\\bje m''appelle)" -%}
{%- set speaking = '(?:calling|speaking|here|from|writing|again|on behalf|hier|am Apparat|von|de)' -%}
{#- each has three groups: what leads to the name, the name, what follows -#}
{%- set gap = '(?:[ ]*[,.!:–—-]*[ ]*\\n\\s*[–—~-]*[ ]?)' -%}
{%- set signed = '((?m:^|[.!?,;] *|\\n)(?:(?i:' ~ closing ~ ')' ~ gap ~ ')+(?:' ~ title ~ '[.]? )?)(' ~ name
    ~ ')((?:[ ]*[,|(/–—-][^\\n]*|[^\\p{L}\\p{N}\\n]{0,8})(?:\\n|$))' -%}
{#- on the line of the closing itself, or in small letters, only at the very end -#}
{%- set ended = '(\\b(?i:' ~ closing ~ ')(?:[ ]*[,–—-][ ]*| )|\\n[ ]*[–—~-]+[ ]?|[.!?][ ]+[–—~-]+[ ]?)(\\p{Lu}[\\p{L}\\x{27}’ .-]*)([.!]?\\s*$)' -%}
{%- set ended_small = '((?:^|[.!?,;] *|\\n)(?i:' ~ closing ~ ')[ ]*[,.!–—-]*[ ]*\\n\\s*)([a-z]{3,12})([ ]*[.]?\\s*$)' -%}
{%- set greeted = '((?m:^[ >]*' ~ greeting ~ '[ ,]+(?:' ~ title ~ '[.]?[ ])?))(' ~ name ~ ')([ ]*[,!:.–—-]|[ ]*\\n|$)' -%}
{%- set introduced = '(\\b' ~ title ~ '[.]? |' ~ introduction ~ '[ ]+(?:' ~ title ~ '[.]? )?|\\n[ ]*(?:--|—|__+)[ ]*\\n[ ]*)(' ~ name ~ ')()' -%}
{%- set spoken = "((?i:\\bthis is|\\bhier (?:ist|spricht)|\\bit''s|\\bi''?m|\\bi am|\\bich bin|\\bsoy|\\bhabla|\\bles escribe|\\b(?:speaking|talking) (?:with|to)) (?:Mr |Mrs |Ms |Dr )?)("
    ~ mixed ~ '(?:[ ](?:' ~ particle ~ '[ ])?' ~ word ~ '){0,3})([ ]+' ~ speaking ~ '\\b)' -%}
{%- set here = '((?:^|[,.!?] |\\n))(' ~ mixed ~ '(?:[ ]' ~ mixed ~ ')?)([ ](?:here|hier)\\b)' -%}
{%- set spoken_comma = "((?i:\\bthis is|\\bhier (?:ist|spricht)|\\bi''?m|\\bi am|\\bich bin|\\bsoy|\\b(?:speaking|talking) (?:with|to)) )("
    ~ mixed ~ '(?:[ ](?:' ~ particle ~ '[ ])?' ~ mixed ~ '){1,3})([ ]?,)' -%}

{%- set street = "(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Way|Place|Pl|Square|Sq|Terrace|Crescent|Cres|Close|Parkway|Pkwy|Highway|Hwy|Circle|Cir"
    ~ "|Gardens|Mews|Grove|Hill|Walk|Trail|Row|Quay|Broadway|Parade|Esplanade|Rise|Vale|Green|Track|Drv|Yard|Pde|Tce|street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln)" -%}
{%- set capital = "(?:\\p{Lu}[\\p{L}''’.-]*|[0-9]{1,3}(?:st|nd|rd|th))" -%}
{%- set unit = "(?:,?[ \\n](?i:Apt|Apartment|Suite|Ste|Unit|Flat|Floor|Fl|#|No)[.]?[ ]?[0-9A-Za-z-]{1,5}\\b)?" -%}
{%- set tail = "(?:,?[ \\n]+" ~ capital ~ "(?:[ -]" ~ capital ~ "){0,2},?[ \\n]+(?:[A-Z]{2,3}[ ,]+[0-9]{4,5}(?:-[0-9]{4})?|[A-Z]{1,2}[0-9][0-9A-Z]?[ ]?[0-9][A-Z]{2}|[A-Z]{2}[ ]+[A-Z][0-9][A-Z][ ]?[0-9][A-Z][0-9]))?" -%}
{%- set city = "(?:,?[ \\n]+(?:[A-Z]{1,2}-)?[0-9]{4,5}[ ]+\\p{Lu}[\\p{L}-]+(?:[ ](?:am|an der|im|de|del|la)[ ]\\p{Lu}?\\p{L}+)?)?" -%}
{%- set address = [
    "\\b(?:(?:Apt|Apartment|Suite|Unit|Flat)[.]? ?[0-9A-Za-z]{1,4}[,/]? ?|Lot )?[0-9]{1,5}[A-Za-z]?(?:[-/][0-9]{1,4}[A-Za-z]?)?,? (?:[NSEW][.]? |North |South |East |West )?(?:" ~ capital ~ "[ ]){1,4}" ~ street ~ "\\b[.]?(?:[ ](?:N|S|E|W|NE|NW|SE|SW|North|South|East|West)\\b)?" ~ unit ~ tail,
    "\\b[0-9]{1,3}[A-Za-z]? The \\p{Lu}[\\p{L}-]+(?:,|\\n)",
    "\\b[0-9]{1,5} (?:N|S|E|W|North|South|East|West|Old|Upper|Lower)?[.]? ?Broadway\\b" ~ unit ~ tail,
    "\\b(?:\\p{Lu}[\\p{L}’-]+ ){1,2}(?:Cottage|Farmhouse|Lodge|Barn|Manor|Vicarage|Rectory)\\b(?:, ?(?:" ~ capital ~ " ){1,3}" ~ street ~ "\\b)?",
    "\\b(?:\\p{Lu}[\\p{L}.]*[ -]){0,2}(?:\\p{L}*(?i:stra(?:ß|ss)e|str[.])|\\p{Lu}\\p{L}*(?:weg|platz|allee|gasse|damm|ufer|chaussee|stieg|markt|promenade|[a-z]{3}pfad)|\\p{Lu}\\p{L}+[ -](?:Weg|Platz|Allee|Gasse|Ring|Damm|Ufer|Chaussee|Stieg|Pfad|Promenade)) ?[0-9]{1,4} ?(?:[a-zA-Z]\\b)?(?:-[0-9]{1,4})?" ~ city,
    "\\b(?i:wohne(?:n)?|wohnhaft|adresse(?: ist|:)?|anschrift(?: ist|:)?|liefern (?:sie )?(?:an|nach))[ ]+(?:in der|in|auf der|am|an der|im)?[ ]?\\p{Lu}\\p{L}+(?: (?:der|dem|den) \\p{Lu}\\p{L}+)? [0-9]{1,3} ?[a-z]?\\b" ~ city,
    "\\bcalle [a-zà-ÿ]+(?: [a-zà-ÿ]+){0,3} [0-9]{1,3}\\b(?: (?:bajo|[0-9][ºª°]?)(?: (?:izq|dcha|[a-z])\\b)?)?",
    "\\b(?:Am|An der|An den|Auf der|Auf dem|Im|In der|Unter den|Zum|Zur|Beim|Hinter der)(?: [\\p{Lu}][\\p{L}-]+){1,2} [0-9]{1,3} ?[a-z]?,?[ \\n]+(?:D-)?[0-9]{5} \\p{Lu}[\\p{L}-]+",
    "(?:\\b(?:[Cc]alle|[Aa]v(?:da?)?[.]?|[Aa]venida|[Pp]laza|[Pp]za[.]?|[Pp]aseo|[Cc]arrer|[Cc]amino|[Rr]onda|[Cc]arretera|[Tt]raves[ií]a|[Gg]lorieta|[Rr]ambla|[Vv]ia|[Vv]iale|[Pp]iazza|[Cc]orso)|\\b[Cc]/|\\bPº) ?(?:(?:de las|de los|de les|dels|de la|del|de|d''|della|la|el|els|les)[ ]?)*\\p{Lu}[\\p{L}''’-]*(?:[ ](?:de|del|la|las|los|y|i|\\p{Lu}[\\p{L}''’-]*)){0,4},? ?(?:n[ºo°.]+ ?|n[uú]m(?:ero)?[.]? ?)?[0-9]{1,4}(?:,? ?[0-9]{1,2}[ºª°](?: ?(?:[A-Z]|izq|dcha)\\b[.]?)?)?" ~ city,
    "\\b[0-9]{1,4}(?: ?bis| ?ter)?,? (?i:rue|avenue|av[.]|boulevard|bd|place|chemin|ch[.]|impasse|all[ée]e|quai|cours|route) (?:(?:de la|de l''|de|du|des|d''|la|le|les)[ ]?)*\\p{L}[\\p{L}''’-]*(?:[ -]\\p{Lu}[\\p{L}''’-]*){0,3}" ~ city,
    "\\b\\p{Lu}\\p{L}*(?:straat|laan|plein|gracht|kade|dijk|singel) [0-9]{1,4}[a-zA-Z]?\\b",
    "(?i:\\bp[.]? ?o[.]? ?box[ #:]{0,2}[0-9]{1,6}|\\bpost(?:fach|bus) [0-9][0-9 ]{0,8}[0-9]|\\bapartado(?: de correos)?(?: n[ºo°.]*)? ?[0-9]{1,6}|\\bpackstation ?[0-9]{1,4}|\\b(?:gpo|locked bag|private bag) ?(?:box ?)?[0-9]{1,6}|\\bboîte postale ?[0-9]{1,5}|\\bpostnummer [0-9]{6,10})",
] | join('|') -%}
{#- sketches of the above, small enough to be cheap -#}
{%- set closed = '(?i:regards|wishes|sincerely|truly|faithfully|respectfully|cheers|cordial|take care|the best|\\b(?:best|rgds|br|ta|thx|mfg|vg|lg|love|bye|ciao)\\b|thank|gr(?:u|ü|ue)(?:ß|ss)|dank|hochacht|saludo|abrazo|besos?|atentamente|gracias|merci|salutations|warmly|greetings|peace|tsch|bis bald|hasta luego|signed|firmado|unterzeichnet)|[–—~-] ?\\p{Lu}[^\\n]*$' -%}
{%- set said = '\\b' ~ title ~ '[. ]|' ~ "(?i:name(?:''s| is|:| ist| of | on | \\p{Lu})|holder|inhaber|titular|auf den namen|nombre|hei(?:ß|ss)e |llamo|m''appelle|\\bthis is |\\bhier (?:ist|spricht) |\\bit''s |\\bi(?:''?m| am) |\\bich bin |\\bsoy |\\bles escribe |\\bhabla |(?:speaking|talking) (?:with|to) |[ ](?:calling|speaking|here|hier|writing|again)\\b)|\\n[ ]*(?:--|—|__)" -%}
{%- set places = "[0-9][0-9A-Za-z/-]*,? [^\\n]*\\b(?:(?i:street|st|avenue|ave|road|rd|boulevard|blvd|bd|lane|ln|rue|av|chemin|ch|impasse|all[eé]e|quai|cours|route)|Drv?|Drive|Court|Ct|Way|Pl|Place|Sq|Square|Terrace|Tce|Cres|Crescent|Close|Parkway|Pkwy|Highway|Hwy|Cir|Circle|Gardens|Mews|Grove|Hill|Walk|Trail|Row|Quay|Broadway|Parade|Pde|Esplanade|Rise|Vale|Green|Track|Yard)\\b"
    ~ "|(?i:stra(?:ß|ss)e|str[.]|weg|platz|allee|gasse|ring|damm|ufer|chaussee|stieg|pfad|markt|promenade|straat|laan|plein|gracht|kade|dijk|singel) ?[0-9]|\\b(?:Am|An de[rn]|Auf de[rm]|Im|In der|Unter den|Zu[mr]|Beim|Hinter der) [^\\n]* [0-9]+ ?[a-z]?,?\\s+(?:D-)?[0-9]{5}"
    ~ "|(?i:\\b(?:calle|av|avda|avd|avenida|plaza|pza|paseo|carrer|camino|ronda|carretera|traves[ií]a|glorieta|rambla|via|viale|piazza|corso)\\b[^\\n]*[0-9]|\\bc/|pº|box ?[0-9#]|postfach|postbus|apartado|packstation|bag ?[0-9]|boîte|wohn[^\\n]* [0-9]|adresse|anschrift|cottage|farmhouse|lodge|barn|manor|vicarage|rectory|[0-9][a-z]? the |postnummer)" -%}
{%- set greets = '(?m:^[ >]*' ~ greeting ~ '[ ,])' -%}
{%- set from = namespace(sql='(select * replace (' ~ assay_line_feeds(column) ~ ' as ' ~ column ~ ') from ' ~ relation ~ ')') -%}
{#- what is found is set in marks first, \x02 before and \x03 after, so that what is no name can be taken out again -#}
{%- set marked = "\\1' || chr(2) || '\\2' || chr(3) || '\\3" -%}
{%- for sketch, steps in [
    (places, [(address, '[address]')]),
    (closed, [(signed, marked), (ended, marked), (ended_small, marked)]),
    (greets, [(greeted, marked)]),
    (said, [(introduced, marked), (spoken, marked), (here, marked), (spoken_comma, marked)]),
    ('\\x{02}', [
        ('\\x{02}((?:' ~ no_name ~ '|' ~ closers ~ ')(?:[^\\p{L}\\x{03}][^\\x{03}]*)?)\\x{03}', '\\1'),
        ('\\x{02}(?:' ~ name ~ '|[a-z]{3,12})\\x{03}', '[name]'),
        ('[\\x{02}\\x{03}]', ''),
    ]),
] -%}
    {%- set from.sql -%}
(
    select * replace (
        case when regexp_matches({{ column }}, '{{ sketch }}') then {{ assay_mask_in_order(steps, column) }} else {{ column }} end
        as {{ column }}
    )
    from {{ from.sql }}
)
    {%- endset -%}
{%- endfor -%}
{{ from.sql }}
{%- endmacro %}
