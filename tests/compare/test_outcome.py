import msgspec

from tests.compare.exchanges import answer, exchange, rules
from understudy.compare.compare import outcome
from understudy.compare.outcome import Compared, Outcome


def test_an_outcome_can_be_kept_and_read_again() -> None:
    made = outcome(exchange(answer(b'{"a":1}'), answer(b'{"a":"1"}'), answer(b"{}")), rules())
    assert msgspec.json.decode(msgspec.json.encode(made), type=Outcome) == made
    assert made.compared.differences != () and made.noise is not None


def test_nothing_said_is_equal() -> None:
    assert outcome(exchange(answer(), answer()), rules()).compared == Compared(body="equal", more=0)
