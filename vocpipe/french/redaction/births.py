"""Find dates of birth: dates, months or years beside words that make them somebody's birth."""

import re
from collections.abc import Iterator

from vocpipe.french.redaction.context import after, fold, raw_before
from vocpipe.french.redaction.rule import Span, letters_and_digits

_MONTHS = "janv(?:ier)?|f[ée]v(?:r(?:ier)?)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?"
_DAY, _MONTH, _YEAR = "(?:0?[1-9]|[12][0-9]|3[01])", "(?:0?[1-9]|1[0-2])", "(?:19|20)[0-9]{2}"
_DATE = re.compile(
    rf"""(?:
        (?P<full>
            {_YEAR}(?P<dash>[-/.]){_MONTH}(?P=dash){_DAY}
          | {_DAY}(?P<gap>[ ]?[-/.][ ]?|[ ]){_MONTH}(?P=gap)(?:(?:19|20)[0-9]{{2}}|[0-9]{{2}})
          | {_DAY}(?:er)?[ ]?(?:{_MONTHS})\.?,?[ ]?(?:{_YEAR}|[0-9]{{2}}(?![0-9 ]*(?:h|€|euros?)\b))
          | (?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])(?:{_YEAR}|[0-9]{{2}})
          | {_MONTH}[/.-]{_YEAR}
        )
      | {_DAY}(?:er)?[ ]?(?:{_MONTHS})\b
      | (?P<year>{_YEAR})
    )(?![0-9A-Za-z]|[/.,-][0-9])""",
    re.IGNORECASE | re.VERBOSE,
)
_MONTH_BEFORE = re.compile(rf"\b(?:{_MONTHS})\.? $", re.IGNORECASE)

_MAYBE_DATE = re.compile(
    r"""[0-9](?<![0-9A-Za-z].)[0-9]?(?:
        [ ]?[-/. ][ ]?[0-9]
      | (?:er)?[ ]?(?=[jJfFmMaAsSoOnNdD][aAeEéÉvVuUoOcC])(?i:janv|f[ée]v|mar|avr|mai|jui|ao[uû]|sep|oct|nov|d[ée]c)
      | (?<=19|20)[0-9]{2}
      | [0-9]{4}
    )""",
    re.VERBOSE,
)
"""A fast search for what `_DATE` may match: most numbers are none."""

# "ne" may be "né" without its accent or the negation: it counts only where a date follows at once, or a place and a date.
_BORN = re.compile(
    r"""[nN](?<!\w.)(?:
        (?:[ée]e(?:s|\(?e?\)?s?)? | é(?:s|\([es]\)s?|[.·-]e[.·-]?s?)? | \(e\)e?)(?![^\W\d_])
        (?P<place>[^0-9.!?;\n]{0,40}?)(?P<joint>\b(?:le|en|un|une|vers)\b|[:(])?[ :(]*
      | es?(?:\s(?:a|à)\s[\w-]+)?\s(?P<joint_of_ne>le|en)\s
    )$""",
    re.IGNORECASE | re.VERBOSE,
)
_THING = re.compile(
    r"(?:marque|entreprise|societe|projet|concept|enseigne|groupe|site|idee|initiative|litige|probleme|magasin|service|offre|banque|mutuelle|reseau|gamme)s?"
    r"(?: \w+)? (?:est |etait |serait )?n[ée]"
)
_BIRTH_HINT = re.compile(r"[nNdD](?:(?i:aiss)|\.?[dD]?\.?[nN])")
_BIRTH = re.compile(r"naiss(?:ance)?\b(?P<rest>[^0-9!?;\n]{0,40})$")
_BIRTH_DATE = re.compile(r"\bdates? (?:de )?(?:la )?$")
_INITIALS = re.compile(r"d(?<!\w.)(?:d?n|\.d\.n)\b[^0-9!?;\n]{0,12}$")
_OTHER_PAPER = re.compile(r"\b(?:acte|extrait|prime|conge|declaration|certificat|liste|bulletin|faire.part)s? (?:de )?(?:la )?$")
_BIRTH_AFTER = re.compile(r"[\s,(=]{0,3}(?:(?:est|c'est|comme)\s)?(?:(?:ma|sa|la|notre|votre)\s)?date de naissance")
_NEXT = re.compile(r"\s?(?:et|ou|au lieu d[eu]|et non(?: pas)?|pas|,|/)\s(?:le\s|né[es]*\s(?:le\s)?)?", re.IGNORECASE)


def _is_birth(text: str, start: int, date: re.Match[str]) -> bool:
    """Tell whether the words around a date, which begins at `start` or with the month before it, make it a date of birth."""
    raw = raw_before(text, start, 70)
    born = _BORN.search(raw)
    if born and (date["full"] or born["joint"] or born["joint_of_ne"] or not born["place"].strip()):
        return not _THING.search(fold(raw))
    if _BIRTH_HINT.search(raw) and _announces_birth(fold(raw)):
        return True
    return date["full"] is not None and _BIRTH_AFTER.match(after(text, date.end())) is not None


def _announces_birth(words: str) -> bool:
    """Tell whether words end with "DDN", "date de naissance", "naissance :" or "naissance de ma fille le", and not with "acte de naissance"."""
    if _INITIALS.search(words):
        return True
    birth = _BIRTH.search(words)
    if birth is None:
        return False
    if _BIRTH_DATE.search(words, 0, birth.start()):
        return True
    rest = birth["rest"].strip()
    paper = _OTHER_PAPER.search(words, 0, birth.start())
    return not paper and (rest in (":", "=", "(", ": le", "le") or re.fullmatch(r"de (?!ce|cet)[^.]{1,25} (?:le|en)", rest) is not None)


def find_births(text: str) -> Iterator[Span]:
    """Yield dates of birth in any usual form, of which the year or the day may be missing: "né le 3 mai 1962", "DDN : 03/05/62", "née en 1962"."""
    last, follows = 0, False
    for number in _MAYBE_DATE.finditer(text):
        start = number.start()
        match = _DATE.match(text, start) if start >= last else None
        if match is None:
            continue
        month = _MONTH_BEFORE.search(text, max(last, start - 11), start) if match["year"] else None
        start = month.start() if month else start
        if (follows and match["full"] and _NEXT.fullmatch(text, last, start)) or _is_birth(text, start, match):
            yield start, match.end()
            last, follows = match.end(), True


_MONTH_NUMBERS = {name: number for number, name in enumerate(("jan", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sep", "oct", "nov", "dec"), start=1)}


def same_birth(value: str) -> str:
    """Return a date as day, month and year in figures, the year in four: "12 mars 1985" and "12/03/85" are one."""
    words = re.findall(r"[a-z]+|[0-9]+", fold(value))
    named = [next((str(number) for name, number in _MONTH_NUMBERS.items() if word.startswith(name)), word) for word in words if word != "er"]
    figures = [figure.lstrip("0") or "0" for figure in named]
    if len(figures) == 1 and len(words[0]) in (6, 8):
        figures = [words[0][:2].lstrip("0"), words[0][2:4].lstrip("0"), words[0][4:]]
    if not all(figure.isdigit() for figure in figures):
        return letters_and_digits(value)
    if len(figures) == 3 and len(figures[0]) == 4:
        figures.reverse()
    if len(figures) == 3 and len(figures[2]) <= 2:
        figures[2] = f"{'20' if int(figures[2]) < 30 else '19'}{int(figures[2]):02d}"
    return "/".join(figures)
