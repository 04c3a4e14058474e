"""Churn risk by rules: who speaks of leaving, and who only uses the words."""

from __future__ import annotations

import pytest

LEAVING = {
    "en": [
        "I called Chase and told them I wanted to close my account.",
        "We are closing our account with you next week.",
        "I decided to close my account because of the fees.",
        "@united never flying with you again",
        "you just lost a loyal customer",
        "why can't you just cancel my subscription",
        "I asked them to cancel my service and return my deposit.",
        "We won’t be renewing in March",
        "canceling my card and never shopping here again",
        "I am taking my business elsewhere.",
    ],
    "de": [
        "Hiermit kündige ich meinen Vertrag zum Monatsende.",
        "Nie wieder bestelle ich bei euch!",
    ],
    "es": [
        "Quiero darme de baja, cancelen mi contrato.",
        "Nunca más vuelvo a comprar con ustedes.",
    ],
}
CONSIDERING = {
    "en": [
        "I'm thinking about switching to another provider.",
        "How do I cancel my plan?",
        "If this isn't fixed by Friday we will be moving to a competitor.",
        "I should have flown with someone else, looking at alternatives.",
    ],
    "de": ["Ich überlege, ob ich kündigen soll."],
    "es": ["Estoy pensando en cambiarme a otra empresa."],
}
STAYING = {
    "en": [
        "Please cancel my order 1234 and send me another one.",
        "They closed my account without notice.",
        "I am not going to cancel, I just want it fixed.",
        "We don't want to leave you.",
        "I'm switching to you from Verizon, how do I bring my number?",
        "Someone opened an account in my name, please close my account there.",
        "How do I cancel a transfer?",
        "Does it work with the Zendesk integration?",
        "my card was stolen please cancel my card",
        "Please leave a message for the driver.",
        "I never received my order again.",
    ],
    "de": ["Kündigen will ich nicht, es soll nur funktionieren."],
    "es": ["Quiero cancelar mi pedido de ayer."],
}


@pytest.mark.parametrize("language", LEAVING)
def test_a_customer_who_leaves_is_heard(churn, language):
    said = churn(LEAVING[language], language)
    assert [
        text for text, (value, _) in zip(LEAVING[language], said, strict=True) if value != "intent"
    ] == []


@pytest.mark.parametrize("language", CONSIDERING)
def test_who_considers_leaving_has_not_decided(churn, language):
    said = churn(CONSIDERING[language], language)
    assert [
        text
        for text, (value, _) in zip(CONSIDERING[language], said, strict=True)
        if value != "mention"
    ] == []


@pytest.mark.parametrize("language", STAYING)
def test_the_words_of_leaving_without_its_meaning_are_not_leaving(churn, language):
    said = churn(STAYING[language], language)
    assert [
        (text, cue)
        for text, (value, cue) in zip(STAYING[language], said, strict=True)
        if value != "none"
    ] == []


def test_the_cue_is_what_the_customer_wrote_letter_by_letter(churn):
    """
    Rules are tried on lower case with plain apostrophes; evidence is not.
    """
    text = "İstanbul – I WON’T BE\nRENEWING my plan."
    ((value, cue),) = churn([text])
    assert value == "intent"
    assert cue in text
    assert cue == "WON’T BE\nRENEWING"
