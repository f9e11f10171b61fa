import pytest
import yaml

from understudy.config.yaml12 import loader


@pytest.mark.parametrize(("text", "value"), [
    ("yes", "yes"), ("on", "on"), ("off", "off"), ("n", "n"), ("true", True), ("False", False), ("~", None),
    ("2020-01-02", "2020-01-02"), ("12:30", "12:30"), ("0x1F", 31), ("0o17", 15), ("017", 15), ("1_000", 1000),
    ("-5", -5), ("1.5", 1.5), ("1e3", 1000.0), ("300ms", "300ms"), ('"3"', "3"), ("", None), ("=", "="), (".5", 0.5),
])
def test_scalars_are_what_krakends_library_says(text: str, value: object) -> None:
    found = yaml.load(f"a: {text}", loader())["a"]
    assert found == value and type(found) is type(value)


def test_merge_keys_and_anchors_work() -> None:
    assert yaml.load("a: &x {k: 1}\nb: {<<: *x, l: 2}", loader())["b"] == {"k": 1, "l": 2}


def test_no_python_object_is_ever_made() -> None:
    with pytest.raises(yaml.YAMLError):
        yaml.load("!!python/object/apply:os.getcwd []", loader())
