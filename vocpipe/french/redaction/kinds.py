"""The kinds of personal data, in the order in which they claim characters."""

import re

from vocpipe.french.redaction.contact import find_emails, find_phones
from vocpipe.french.redaction.numbers import find_cards, find_ibans
from vocpipe.french.redaction.rule import Rule

_NINE_DIGITS = re.compile(r"[0-9](?:[^0-9A-Za-z]{0,4}[0-9]){8}")

RULES: tuple[Rule, ...] = (
    Rule("iban", "[IBAN]", _NINE_DIGITS, find_ibans),
    Rule("card", "[CARTE]", _NINE_DIGITS, find_cards),
    Rule("email", "[EMAIL]", re.compile("@"), find_emails),
    Rule("phone", "[TELEPHONE]", _NINE_DIGITS, find_phones),
)
KINDS: tuple[str, ...] = tuple(rule.kind for rule in RULES)
