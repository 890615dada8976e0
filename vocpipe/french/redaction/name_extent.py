"""How far a name of a person goes: the family name after or before a first name, what follows a civility, what signs a message."""

from vocpipe.french.redaction.name_lists import Proof, cues, family_names, first_names, is_beside_names, is_word
from vocpipe.french.redaction.name_words import Words

_LONGEST = 4
_DETERMINERS = frozenset({"le", "la", "un", "une", "ce", "cette", "du", "au"})
_ALSO_TRADES = frozenset({"maitre", "docteur", "professeur"})


def rest(words: Words, index: int, signed: bool = False) -> int:
    """Return the index after the last word of a name whose first word ends before `index`; `signed` where any word with a capital belongs to it."""
    first = index
    while index < len(words) and index < first + _LONGEST and words.is_tied(index):
        own_particle = words.plain[index] in cues()["own"] and words.raw[index][0].isupper()
        if own_particle and _belongs(words, index + 1, signed, second=index == first):
            index += 2
        elif _belongs(words, index, signed, second=index == first):
            index += 1
        else:
            break
    return index


def _belongs(words: Words, index: int, signed: bool, second: bool) -> bool:
    """Tell whether a word goes on with a name. The second word, if it has a capital of its own, is a family name whatever it means."""
    if index >= len(words) or index in words.in_phrase or words.is_glued(index) or not words.is_tied(index):
        return False
    word, raw = words.plain[index], words.raw[index]
    if words.is_hyphenated(index) and raw[0].isupper() == words.raw[index - 1][0].isupper():
        return word in first_names() or word in family_names() or not is_beside_names(word)
    if words.is_initial(index):
        return True
    capital = words.capital(index)
    if is_beside_names(word) and not (capital and word in family_names()):
        return False
    proof = first_names().get(word, 0)
    if capital:
        listed = word in family_names() or proof > Proof.WORD
        after_one_space = words.ends[index - 1] + 1 == words.starts[index]
        return len(word) > 1 and (listed or signed or (second and after_one_space) or not is_word(word))
    after_listed = words.plain[index - 1] in first_names()
    if proof >= Proof.CAPITAL or (proof and raw[0].isupper()) or (proof is Proof.EVIDENCE and after_listed):
        return True
    in_capitals = raw.isupper() and words.raw[index - 1].isupper() and len(word) > 2
    unknown = len(word) > 3 and (words.ends_line(index) or (second and after_listed and not word.endswith("ment")))
    return (word in family_names() or in_capitals or unknown) and not is_word(word)


def can_only_go_on(words: Words, index: int) -> bool:
    """Tell whether a word can only be the rest of a name: an initial, a family name, a second first name."""
    if not (words.is_spaced(index) or words.is_hyphenated(index)):
        return False
    if words.is_initial(index):
        return True
    word = words.plain[index]
    if not words.raw[index][0].isupper() or is_beside_names(word):
        return False
    in_capitals = words.stands_in_capitals(index) and not words.raw[index - 1].isupper()
    return word in family_names() or first_names().get(word) is Proof.SURE or (in_capitals and not is_word(word))


def with_family_before(words: Words, index: int, end: int, free: int) -> int:
    """Return where a name begins once what stands before its first name is added, from the word `free` on: DUPONT Jean, Dupont Jean, J. Dupont."""
    before = index - 1
    word = words.word(before)
    if before < free or word in cues()["title"] or words.is_glued(before):
        return index
    if first_names().get(word) is Proof.CAPITAL and (words.is_spaced(index) or words.is_hyphenated(index)) and not words.is_elided(before):
        return before
    begins_line = before == 0 or words.ends_line(before - 1)
    if words.is_initial(before) and words.is_tied(index) and begins_line:
        return before
    if not words.is_spaced(index) or before in words.in_phrase or before in words.in_street or len(word) < 3 or is_word(word):
        return index
    capital = words.raw[before][0].isupper()
    in_capitals = words.stands_in_capitals(before) and not words.raw[index].isupper()
    as_one_word = words.raw[before].isupper() or words.raw[before][1:].islower()
    signs = words.ends_line(end - 1) and len(word) > 3 and (capital or begins_line) and as_one_word
    return before if in_capitals or signs or (capital and word in family_names()) else index


def end_of(words: Words, last: int) -> int:
    """Return the offset where a name ends, with the full stop of an initial."""
    text, end = words.text, words.ends[last]
    return end + 1 if words.is_initial(last) and text[end : end + 1] == "." and text[end + 1 : end + 2] != "." else end


def signature(words: Words, index: int) -> int:
    """Return the index after the name that closes a message, or 0: words that are no French ones, and then the end of the line."""
    end = index
    while end < len(words) and end < index + _LONGEST and (end == index or words.is_tied(end)) and _may_sign(words, end):
        end += 1
    only_initials = all(len(word) < 3 for word in words.raw[index:end])
    return 0 if only_initials or not words.ends_line(end - 1) else end


def _may_sign(words: Words, index: int) -> bool:
    word = words.plain[index]
    if words.is_glued(index) or index in words.in_phrase:
        return False
    if words.is_initial(index) or first_names().get(word, Proof.WORD) > Proof.WORD or (0 < len(word) < 3 and words.raw[index].isupper()):
        return True
    if words.raw[index][0].isupper() and word in family_names():
        return True
    return len(word) > 3 and not is_word(word)


def titled(words: Words, index: int) -> int:
    """Return the index after the name that follows a civility, or 0."""
    first = index + 1
    if first >= len(words) or index in words.in_phrase or index in words.in_street or words.is_glued(index) or words.is_glued(first):
        return 0
    if not words.is_after_title(first) or not _is_title(words, index):
        return 0
    last = first
    while last < first + 2 and words.word(last) in cues()["particle"] and (words.is_tied(last + 1) or words.is_elided(last + 1)):
        last += 1
    if not (_follows_particle(words, first, last) if last > first else _follows_title(words, first)):
        return 0
    return rest(words, last + 1, signed=words.capital(last))


def _is_title(words: Words, index: int) -> bool:
    """Tell whether a word that may be a civility is one: "m", "me" and "pr" are mostly something else."""
    word, raw, gap, following = words.plain[index], words.raw[index], words.gap(index), words.plain[index + 1]
    if word in {"me", "pr"}:
        return raw in {"Me", "Pr"} and words.capital(index + 1) and not is_word(following)
    if word != "m":
        return bool(gap)
    before = words.text[max(0, words.starts[index] - 3) : words.starts[index]].rstrip()[-1:]
    if raw == "m":
        return "." in gap and not before.isdigit() and (following in family_names() or not is_word(following))
    if not gap or before in {"'", "’", "&"} or words.word(index - 1) == "taille":
        return False
    if gap == ".":
        return len(following) > 1 or len(words.word(index + 2)) != 1
    return "." in gap or len(following) > 1


def _follows_title(words: Words, index: int) -> bool:
    word, title = words.plain[index], words.plain[index - 1]
    listed = word in family_names() or first_names().get(word, Proof.WORD) > Proof.WORD
    if words.is_initial(index) or (listed and (len(word) > 2 or words.capital(index))):
        return True
    if len(word) < 2 or is_beside_names(word):
        return False
    # "DE M EXPLIQUER": only "M" without its full stop may be an elision.
    elided = title == "m" and words.gap(index - 1)[0] != "." and words.raw[index].isupper()
    stands_out = words.capital(index) and not elided
    if stands_out and title not in cues()["full"]:
        return True
    return len(word) > 2 and not is_word(word) and (stands_out or title not in _ALSO_TRADES)


def _follows_particle(words: Words, first: int, last: int) -> bool:
    word = words.plain[last]
    if words.plain[first] in {"le", "la", "les"} and words.raw[first].islower():
        return False
    listed = word in first_names() or word in family_names()
    if words.word(first - 2) in _DETERMINERS:
        return False
    if words.raw[last][0].isupper():
        return len(word) > 2 and (listed or not is_word(word))
    return words.plain[first] in cues()["own"] and (listed or not is_word(word))
