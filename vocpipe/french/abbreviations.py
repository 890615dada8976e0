"""Abbreviations of French, in lower case and without their last full stop."""

_BEFORE_NAME = """
    m mm mme mmes mlle mlles melle mr mrs dr drs pr me st ste sts bd bld boul av ave pl rte imp fg chap fig n no nos nr p pp cf ex p.ex vs c.-à-d c.à.d
"""
_SHORTENED = """
    adr appt apt art bât cde dép dépt dept éd env etc hab janv févr juil oct nov déc max min nb num prof qqn qqch qté réf ref resp rés suiv suppl svp tél tel
"""
BEFORE_NAME = frozenset(_BEFORE_NAME.split())
"""What stands before a name, a number or an example: the full stop that follows ends no sentence."""
SHORTENED = frozenset(_SHORTENED.split())
"""What may also stand last: the full stop ends the sentence when a capital follows."""
ABBREVIATIONS = BEFORE_NAME | SHORTENED
