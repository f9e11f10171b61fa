from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.config.flexible.rendering import failure, made
from tests.config.flexible.test_values import DATA
from understudy.config.flexible.failure import Refusal
from understudy.config.flexible.functions import PURE, REFUSED, functions

DOCS = Path(__file__).parents[3] / "docs" / "configuration.md"
SMALL = DATA.filter(lambda value: not isinstance(value, int) or abs(value) < 1000)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(PURE)), st.lists(SMALL, max_size=4))
def test_every_function_answers_or_refuses(name: str, given: list[object]) -> None:
    try:
        PURE[name](given)
    except Refusal as refusal:
        assert str(refusal)


def test_the_environment_and_partials() -> None:
    env = {"A": "1", "B": "2"}
    assert made('{{ env "A" }}{{ env "NO" }} {{ expandenv "$A-${B}-$NO" }} {{ include "p" }}', env=env) == "1 1-2- <p>"


def test_what_is_left_out_is_named() -> None:
    assert not REFUSED.keys() & functions({}, str).keys()
    assert "docs/configuration.md lists what there is" in failure("{{ now }}")


def test_the_list_in_the_documentation_is_complete() -> None:
    words = set(DOCS.read_text().replace("`", " ").replace(",", " ").replace(".", " ").split())
    assert functions({}, str).keys() - words - {name for name in PURE if name.startswith("must")} == set()
