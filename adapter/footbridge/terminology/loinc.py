"""Checks the last digit of a LOINC code: modulus 10 over what stands before the hyphen.

Answers (LA), answer lists (LL), parts (LP) and groups (LG) carry the digit over their prefix too, where a
letter counts as its distance from the character 0 (A is 17, L is 28).
https://loinc.org/kb/users-guide/ (appendix "Calculating Mod 10 Check Digits")
"""

import re

_FORM = re.compile(r"((?:LA|LL|LP|LG)?[0-9]{1,7})-([0-9])")


def check_digit(body: str) -> str:
    """The modulus 10 check digit of what stands before the hyphen: digits, perhaps with a prefix."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ord(character) - ord("0")
        total += 2 * value - 9 * (value // 5) if place % 2 == 0 else value
    return str(-total % 10)


def is_loinc(code: str) -> bool:
    """Whether the text has the form of a LOINC code and the right check digit."""
    match = _FORM.fullmatch(code)
    return match is not None and check_digit(match[1]) == match[2]
