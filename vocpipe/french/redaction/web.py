"""Find what the web knows people by: links that open somebody's pages, network addresses and handles."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from vocpipe.french.redaction.context import before
from vocpipe.french.redaction.rule import Span, without_overlap
from vocpipe.french.redaction.words import words

_URL = re.compile(r"(?:https?://|www\.)[^\s<>\"«»\[\]]{3,2000}|(?<![\w@.\-])(?:[a-z0-9\-]{1,63}\.){1,4}[a-z]{2,10}[/?#][^\s<>\"«»\[\]]{1,2000}", re.IGNORECASE)
_URL_END = ".,;:!?…)]}'’*"
_PERSONAL_NAME = re.compile(
    r"tok|key|sess|sid|auth|user|login|mail|phone|tel|client|customer|account|compte|order|commande|dossier|ticket|code|hash|sign|pass|secret|nom|name|iban"
    r"|contra|track|suivi|adherent|invite|recipient|subscriber|uuid|guid"
)
_PERSONAL_PARTS, _USER_PARTS, _SHARED_PARTS, _SHORTENERS = (words(group) for group in ("personal part", "user part", "shared part", "shortener"))
_NETWORKS = re.compile(
    r"(?:^|\.)(?:facebook|instagram|twitter|x|tiktok|linkedin|snapchat|pinterest|threads|twitch|github|t|vinted|leboncoin)\.(?:com|fr|net|me|tv)$"
)
_VIDEOS = re.compile(r"(?:^|\.)(?:youtube|youtu|dailymotion|vimeo)\.(?:com|be)$")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_TURN = re.compile(r"(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]|(?<=[a-z])[A-Z](?=[A-Z0-9]|[a-z][A-Z0-9])")


def _is_opaque(value: str) -> bool:
    """Tell whether a part of a link is a key rather than words and numbers."""
    return _UUID.search(value) is not None or any(_is_key(piece) for piece in re.split(r"[-_.~%!,]", value))


def _is_key(piece: str) -> bool:
    """Tell whether a piece of eight characters or more changes often between letters and digits, as no word with a number does."""
    return len(piece) >= 8 and len(_TURN.findall(piece)) >= (3 if len(piece) < 20 else 2)


def _is_personal(url: str) -> bool:
    """Tell whether a link leads to one person's page: a key, a session, an identifier or a user's name is in it."""
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
    except ValueError:
        return True
    host = (parts.hostname or "").removeprefix("www.")
    if "@" in parts.netloc or "@" in url or host in _SHORTENERS:
        return True
    path = [part for part in parts.path.split("/") if part]
    if _VIDEOS.search(host):
        return bool(path) and (path[0].startswith("@") or path[0].lower() in ("user", "channel", "c"))
    if path and _NETWORKS.search(host) and path[0].lower() not in _SHARED_PARTS:
        return True
    if any(_is_opaque(part) for part in path):
        return True
    for part, following in pairwise(path):
        numbered = any(character.isdigit() for character in following)
        if part.lower() in _USER_PARTS or (numbered and part.lower() in _PERSONAL_PARTS):
            return True
    return any(_is_personal_pair(name, value) for text in (parts.query, parts.fragment) for name, value in parse_qsl(text, keep_blank_values=True))


def _is_personal_pair(given: str, value: str) -> bool:
    name = given.lower()
    mixed = len(value) >= 6 and value.isalnum() and not value.isdigit() and not value.isalpha()
    return _is_opaque(value) or _is_opaque(given) or bool(_PERSONAL_NAME.search(name)) or name in ("u", "uid") or (name in ("id", "ref", "k") and mixed)


def find_urls(text: str) -> Iterator[Span]:
    """Yield the links with a key, a session, an identifier or a user's name in their path, query or fragment. The addresses of sites and pages stay."""
    for match in _URL.finditer(text):
        url = match[0].rstrip(_URL_END)
        if _is_personal(url):
            yield match.start(), match.start() + len(url)


def same_url(value: str) -> str:
    """Return a link as it is: capitals matter in it."""
    return value


_IPV4 = re.compile(r"[0-9](?<![\w.:/-].)[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?![\w]|\.[0-9])")
_IPV6 = re.compile(
    r"(?<![\w:.])(?=[0-9a-fA-F:]{0,38}[0-9])(?:[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{1,4}){7}|(?:[0-9a-fA-F]{1,4}:){1,6}(?::[0-9a-fA-F]{1,4}){1,6})(?![\w:])"
)
_MAC = re.compile(r"(?<![\w:-])(?=[a-fA-F:-]{0,16}[0-9])[0-9a-fA-F]{2}([:-])(?:[0-9a-fA-F]{2}\1){4}[0-9a-fA-F]{2}(?![\w:-])")
_MAYBE_ADDRESS = re.compile(r"[.:-](?<=[0-9A-Fa-f:].)[0-9A-Fa-f:]{1,4}[.:-]")
_VERSION_WORDS = re.compile(
    r"(?:\bversions?\b|\bv\b|\bv\.|\bmaj\b|\bmises? a jour\b|\bfirmware\b|\bbuild\b|\bios\b|\bandroid\b|\bmacos\b|\bwindows\b"
    r"|\bpilotes?\b|\bdrivers?\b|\blogiciel\b|\bappli(?:cation)?\b|\bchapitres?\b|\bsections?\b|\barticles?\b|\bparagraphes?\b|§)[^0-9!?;\n]{0,15}$"
)


def _is_ipv4(text: str, match: re.Match[str]) -> bool:
    """Tell whether four numbers are an address on the internet: that of a home network (192.168.1.1) is everybody's, and versions look the same."""
    parts = match[0].split(".")
    if any(int(part) > 255 or (part[0] == "0" and part != "0") for part in parts):
        return False
    local = any(ipaddress.ip_address(match[0]) in network for network in _LOCAL_NETWORKS)
    return not local and not _VERSION_WORDS.search(before(text, match.start(), 40))


_LOCAL_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("0.0.0.0/8", "10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "255.255.0.0/16")
)


def find_addresses_on_networks(text: str) -> Iterator[Span]:
    """Yield IP addresses of the internet, versions 4 and 6, and the hardware addresses of devices (MAC)."""
    if not _MAYBE_ADDRESS.search(text):
        return
    found = [match.span() for match in _IPV4.finditer(text) if _is_ipv4(text, match)]
    found += [match.span() for match in _IPV6.finditer(text) if len(match[0]) > 7]
    found += [match.span() for match in _MAC.finditer(text)]
    yield from without_overlap(sorted(found))


def same_address(value: str) -> str:
    """Return a network address in its shortest form."""
    try:
        return str(ipaddress.ip_address(value))
    except ValueError:
        return value.replace("-", ":").lower()


_HANDLE = re.compile(r"@(?<![\w@/]@)(?![0-9]{1,2}h(?:[0-9]{2})?\b)(?=[0-9_.]{0,15}[^\W\d_])\w(?:[.\-]?\w){1,30}(?:@\w(?:[.\-]?\w){1,30})*+")
_NETWORK_WORD = re.compile(r"\b(?:pseudo|insta(?:gram)?|snap(?:chat)?|tiktok|discord|skype|telegram|twitter)\s?$")
_NAMED_HANDLE = re.compile(r"[:=]\s?@?(?P<name>[A-Za-z0-9_](?:[.\-]?[A-Za-z0-9_]){2,30})(?![\w@])")
# A firm's answer to a post: "Bonjour zouzou_77, …". Brands are greeted too, so that capitals inside tell a person only where the firm is sorry.
_GREETED = re.compile(
    r"\b(?:(?i:bonjour|bonsoir|salut|coucou|hello|merci)[ ]{1,2}(?=[A-Za-z]{0,20}[0-9_])"
    r"|(?i:d[ée]sol[ée]e?s?)[ ]{1,2}(?=[a-z0-9_]{0,20}[0-9_]|[A-Za-z]{0,20}[a-z][A-Z]))"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]{3,30})(?![\w@])"
)


def find_handles(text: str) -> Iterator[Span]:
    """Yield the handles of social networks, the firm's among them: nothing in a handle tells a firm from a person, and to models all are @user."""
    found = [match.span() for match in _HANDLE.finditer(text)]
    named = (match for match in _NAMED_HANDLE.finditer(text) if not match["name"].isalpha() or not match["name"].islower())
    found += [match.span("name") for match in named if _NETWORK_WORD.search(before(text, match.start(), 12))]
    found += [match.span("name") for match in _GREETED.finditer(text)]
    yield from without_overlap(sorted(found))


def same_handle(value: str) -> str:
    """Return a handle without its @, in lower case."""
    return value.lstrip("@").casefold()
