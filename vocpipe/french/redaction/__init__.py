"""Keep personal data out of everything that is written: find it in a text, kind by kind, and put a marker in its place."""

from vocpipe.french.redaction.engine import KEY_VARIABLE, Mode, Redacted, RedactionSettings, Redactor, redact
from vocpipe.french.redaction.kinds import KINDS, RULES
from vocpipe.french.redaction.rule import Rule

__all__ = ["KEY_VARIABLE", "KINDS", "RULES", "Mode", "Redacted", "RedactionSettings", "Redactor", "Rule", "redact"]
