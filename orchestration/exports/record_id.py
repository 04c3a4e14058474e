"""What a record's id is, however a program or a spreadsheet wrote it, and which ids are lost."""

import re

IS_WHOLE_NUMBER = "(regexp_full_match(id, '[0-9]+') and try_cast(id as bigint) is not null)"
"""Zendesk's ids are whole numbers below 2^63; anything else is not the id it was."""

IS_SHORTENED = r"regexp_full_match(id, '[0-9]([.,][0-9]+)?[eE]\+[0-9]+|[0-9][.,][0-9]+[eE][0-9]+|[0-9]{12,}\.0*')"
"""What a spreadsheet or a float makes of a long number; different ids became equal."""

_FLOAT = r"^([0-9]{1,15})\.0*$"
"""A whole number as a program without whole numbers writes it. A float tells 15 digits apart, not more."""

_ROUNDED = r"^[0-9]{6}0{6,}\.0*$"
"""From twelve digits on spreadsheets keep six: 5.70306E+11 in JSON is read as 570306000000.0."""

_SHORTENED = re.compile(r"^[0-9]+[eE][0-9]|[eE]\+|[,.]")
"""Marks by which such a number is known once it is refused."""

_GROUPED = r"^[0-9]{1,3}([, \x{a0}\x{202f}][0-9]{2,3})*[, \x{a0}\x{202f}][0-9]{3}$"
"""A number with thousands set apart, as spreadsheets do (1,234, in India 1,55,157, in France 1 234)."""

_MARKS = (".", ",", " ", "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\t")
"""An id without any of these is as it was: to look for them costs a tenth of trying the patterns."""


def plain_id(text: str) -> str:
    """
    SQL of the id that a text stands for: the same ticket is the same in every format.

    Blanks around it, an empty decimal place and marks between thousands are not part of a number.
    Leading zeros are, as they are of a text.
    """
    is_marked = " or ".join(f"contains({text}, '{mark}')" for mark in _MARKS)
    trimmed = f"trim({text}, ' \t\N{NO-BREAK SPACE}')"
    digits = f"regexp_replace({trimmed}, '[^0-9]', '', 'g')"
    return (
        f"case when not ({is_marked}) then {text} "
        f"when regexp_matches({trimmed}, '{_FLOAT}') and not regexp_matches({trimmed}, '{_ROUNDED}') "
        f"then regexp_extract({trimmed}, '{_FLOAT}', 1) "
        f"when regexp_matches({trimmed}, '{_GROUPED}') then {digits} else {trimmed} end"
    )


def lost_id_reason(identity: str | None) -> str:
    """Why a record with this id is refused."""
    if identity is None or not identity.strip():
        return "has no id"
    if "@" in identity or not identity.isprintable():
        return (
            "has an address or control characters in its id, and ids are published as they are: "
            "export it with a number of its own, or declare the column that holds one"
        )
    if _SHORTENED.search(identity):
        return (
            f"has the id {identity[:40]}, a number shortened by a spreadsheet or a program: "
            "several records may share it. Export it again with ids as text"
        )
    return f"has the id {identity[:40]}, which is no whole number below 2^63"
