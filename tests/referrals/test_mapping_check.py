"""What does not conform is refused each time; what does is looked at once."""

from decimal import Decimal

import pytest

from footbridge.errors import MappingFault
from footbridge.referrals.mapping_check import MappingCheck
from footbridge.validation import Validator

GOOD = {"resourceType": "Organization", "name": "North End Hub"}
BAD = {"resourceType": "Organization", "nmae": "North End Hub"}
PLACE = {"resourceType": "Location", "position": {"longitude": Decimal("1.0"), "latitude": Decimal("2.0")}}
ODD_PLACE = {"resourceType": "Location", "position": {"longitude": "1.0", "latitude": "2.0"}}


class Counting(Validator):
    """The real one, which counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def validate(self, resource, profiles=()):
        self.asked += 1
        return super().validate(resource, profiles)


def test_every_fault_of_every_resource_is_told_each_time():
    conformity = MappingCheck(Validator())
    for _ in range(2):
        with pytest.raises(MappingFault) as refused:
            conformity.check([GOOD, BAD, GOOD | {"active": "yes"}])
        assert {issue.rule for issue in refused.value.issues} >= {"structure.unknown-element", "structure.value"}


def test_the_very_same_resource_is_looked_at_once():
    validator = Counting()
    conformity = MappingCheck(validator)
    conformity.check([GOOD, dict(GOOD)])
    conformity.check([GOOD])
    assert validator.asked == 1
    conformity.check([GOOD | {"name": "South End Hub"}])
    assert validator.asked == 2


def test_a_number_and_its_text_are_not_the_same():
    conformity = MappingCheck(Validator())
    conformity.check([PLACE])
    with pytest.raises(MappingFault):
        conformity.check([ODD_PLACE])
