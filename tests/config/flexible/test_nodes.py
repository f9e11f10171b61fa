import msgspec
import pytest

from understudy.config.flexible.nodes import Dot


def test_trees_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Dot(1).at = 2  # type: ignore[misc]
    assert msgspec.structs.asdict(Dot(1)) == {"at": 1}
