"""The articles that the papers follow, as they stood when this was written."""

from __future__ import annotations

from typing import Final

from fer_core.reports.document import Block, Bullets, Heading, Text

WRITTEN: Final = "November 2026"
NO_ADVICE: Final = "Information, not legal advice"
AI_ACT: Final = "Regulation (EU) 2024/1689 (AI Act), eur-lex.europa.eu/eli/reg/2024/1689/oj"
GDPR: Final = "Regulation (EU) 2016/679 (GDPR), eur-lex.europa.eu/eli/reg/2016/679/oj"

NOTICE: Final = (
    "AI Act, Art. 50(3), in force since 2 August 2026: whoever deploys an emotion recognition "
    "system informs the people who are exposed to it that it operates, and follows the GDPR."
)
FORBIDDEN: Final = (
    "AI Act, Art. 5(1)(f), in force since 2 February 2025: inferring emotions of people at work "
    "and in education is forbidden, except for medical or safety reasons."
)
HIGH_RISK: Final = (
    "AI Act, Annex III, 1(c): systems meant for emotion recognition are a class of high-risk "
    "systems. An amendment of 2026 moves the duties of this class to 2 December 2027; read Art. 6 "
    "and 113 in the consolidated text."
)
LAWFUL: Final = (
    "GDPR, Art. 6: processing needs a legal basis; Art. 7 says what makes consent valid."
)
SPECIAL: Final = (
    "GDPR, Art. 9: data on health and other special categories, and biometric data that identify "
    "somebody, need explicit consent or another exception. What a face shows may let somebody "
    "conclude on health; explicit consent is the careful choice."
)
INFORM: Final = "GDPR, Art. 13: what people are told when data are collected from them."
RECORD: Final = "GDPR, Art. 30(1): what a controller's record of processing activities contains."
ASSESSMENT: Final = (
    "GDPR, Art. 35: an assessment before processing that is likely to be a high risk to people; "
    "Art. 35(7) says what it contains, Art. 36 when the authority is asked first."
)


def sources(*articles: str) -> tuple[Block, ...]:
    """The end of a paper: what it follows, where that stands, and what it is not."""
    return (
        Heading("What this follows"),
        Bullets(articles),
        Text(
            f"{AI_ACT}. {GDPR}. Written in {WRITTEN}; check whether they have changed since. "
            f"{NO_ADVICE}: whether and how the law applies is for you to judge.",
            quiet=True,
        ),
    )
