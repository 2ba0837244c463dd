import pytest
from hypothesis import given
from hypothesis import strategies as st

from footbridge.validation.valuesets.answers import Why, all_of, any_of, decided, negated

ANSWERS = st.lists(st.one_of(st.booleans(), st.just(Why("no list"))), max_size=6)


@given(ANSWERS)
def test_the_rules_of_three_valued_logic_hold(answers):
    one, every = decided(any_of(answers)), decided(all_of(answers))
    plain = [decided(answer) for answer in answers]
    assert one is (True if True in plain else None if None in plain else False)
    assert every is (False if False in plain else None if None in plain else True)
    assert decided(negated(any_of(answers))) is decided(all_of(negated(answer) for answer in answers))


@pytest.mark.parametrize("combine", [any_of, all_of])
def test_the_reason_is_kept(combine):
    assert combine([Why("first"), Why("second")]) == "first"
