import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.config.reading import config, endpoint, read
from understudy.config.routes import conflicts


def found(*paths: str, method: str = "GET", **more: object) -> list[str]:
    service = read(config(*[endpoint(endpoint=p, method=method) for p in paths], **more))
    return [p.message for p in conflicts(service)]


def test_equal_method_and_path_conflict() -> None:
    assert "handlers are already registered for path '/x'" in found("/x", "/x")[0]
    assert not found("/x", "/X")


def test_other_parameter_names_at_one_place_conflict() -> None:
    assert "':b' in new path '/x/:b/y' conflicts with existing wildcard ':a' in existing prefix '/x/:a'" in found(
        "/x/{a}", "/x/{b}/y")[0]


def test_a_wildcard_at_the_end_cannot_be_served() -> None:
    assert "belongs to KrakenD's Enterprise edition" in found("/a/*")[0]


def test_another_method_is_another_tree() -> None:
    service = read(config(endpoint(endpoint="/x/{a}"), endpoint(endpoint="/x/{b}", method="POST")))
    assert conflicts(service) == ()


def test_static_segments_beside_parameters_are_fine() -> None:
    assert not found("/a/{id}", "/a/me", "/a/{id}/b", "/b/{x}", "/c/{y}/d", "/a/me/{z}")


def test_the_health_path_is_taken() -> None:
    assert "as the health path" in found("/up", extra_config={"router": {"health_path": "/up"}})[0]
    assert not found("/up", extra_config={"router": {"health_path": "/up", "disable_health": True}})


def test_two_parameters_in_one_segment_conflict() -> None:
    assert "only one parameter fits" in found("/x{a}{b}", disable_rest=True)[0]


def test_a_conflict_stands_at_the_later_endpoint() -> None:
    service = read(config(endpoint(), endpoint(endpoint="/y"), endpoint()))
    assert [p.path for p in conflicts(service)] == [("endpoints", 2, "endpoint")]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "{x}", "{y}"]), max_size=3), max_size=5))
def test_a_set_of_routes_conflicts_whatever_its_order(segments: list[list[str]]) -> None:
    paths = ["/" + "/".join(s) for s in segments]
    assert bool(found(*paths)) == bool(found(*reversed(paths)))


@pytest.mark.parametrize("path", ["/{id}.json", "/a{b}"])
def test_odd_paths_alone_do_not_conflict(path: str) -> None:
    assert not found(path)
