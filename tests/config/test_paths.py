import pytest
from hypothesis import given
from hypothesis import strategies as st

from understudy.config import paths


@pytest.mark.parametrize(("path", "refused"), [
    ("/x", False), ("/a/*/b", True), ("/a/*rest", True), ("/a/*", False), ("/__health", True), ("/__debug/x", True),
    ("/__healthy", False), ("/__DEBUG", False), ("/x/__echo", True), ("/__echo/", True), ("/", False),
])
def test_the_paths_that_krakend_refuses_are_refused(path: str, refused: bool) -> None:
    assert paths.refused_path(path) is refused


def test_strict_parameters_take_a_segment_from_its_start() -> None:
    assert paths.path_params("/a/{id}/{name}", False) == ("id", "name")
    assert paths.path_params("/a/x{id}", False) == ()
    assert paths.path_params("/a/{b.c}", False) == ()
    assert paths.path_params("/a/x{b.c}", True) == ("b.c",)
    assert paths.path_params("/{a}/{a}", False) == ("a",)


@pytest.mark.parametrize(("name", "yes"), [("resp0_id", True), ("resp12_a.b", True), ("resp0", False),
                                           ("JWT.sub", True), ("JWT", False), ("id", False), ("xresp0_id", False)])
def test_placeholders_that_other_answers_or_tokens_fill(name: str, yes: bool) -> None:
    assert paths.from_answer(name) is yes


@pytest.mark.parametrize(("host", "clean"), [
    ("http://h.example", "http://h.example"), ("h.example", "http://h.example"), ("https://h:443/", "https://h:443"),
    ("h:80", "http://h:80"), ("under_score-1", "http://under_score-1"),
])
def test_hosts_are_cleaned(host: str, clean: str) -> None:
    assert paths.clean_host(host) == (clean, True)


@pytest.mark.parametrize("host", ["http://h/api", "http://u:p@h", "http://[::1]:80", "ftp://h", "", "http://h:8",
                                  "a b"])
def test_hosts_that_krakend_refuses_are_refused(host: str) -> None:
    with pytest.raises(ValueError):
        paths.clean_host(host)


def test_a_host_with_useless_text_is_used_and_reported() -> None:
    assert paths.clean_host("http://h?") == ("http://h", False)


def test_paths_are_printed_as_krakend_prints_them() -> None:
    assert paths.router_path("/a/{id}", ("id",)) == "/a/:id"
    assert paths.internal_pattern("/v1/{id}?x={resp0_a}") == "/v1/{{.Id}}?x={{.Resp0_a}}"


@given(st.text(max_size=20))
def test_cleaning_a_path_gives_a_leading_slash_and_is_stable(text: str) -> None:
    clean = paths.clean_path(text)
    assert clean[0] == "/" and paths.clean_path(clean) == clean and clean.endswith(text)


@given(st.text(alphabet="htps:/.ab09_-@[]", max_size=25))
def test_a_cleaned_host_is_stable(text: str) -> None:
    try:
        clean, _ = paths.clean_host(text)
    except ValueError:
        return
    assert paths.clean_host(clean) == (clean, True)
