"""JSON that may stand inside an HTML page."""

import json

_ESCAPED = {ord(letter): f"\\u{ord(letter):04x}" for letter in "<>&\u2028\u2029"}


def safe_json(value: object) -> str:
    """Return JSON that cannot end the script element that holds it, nor open a comment in it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).translate(_ESCAPED)
