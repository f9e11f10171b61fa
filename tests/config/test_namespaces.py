import pytest

from tests.config.reading import backend, config, endpoint, only_warning, problems, read
from understudy.config import namespaces


def test_long_names_are_read_as_the_short_ones() -> None:
    service = read(config(endpoint(backend(extra_config={"github.com/devopsfaith/krakend/http": {
        "return_error_details": "b"}}), extra_config={"github.com/devopsfaith/krakend/proxy": {"sequential": True}}),
        extra_config={"github_com/luraproject/lura/router/gin": {"return_error_msg": True},
                      "github_com/devopsfaith/krakend-cors": {}}))
    assert service.endpoints[0].sequential and service.endpoints[0].backends[0].return_error_details == "b"
    assert service.router.return_error_msg and service.cors is not None
    assert service.problems == ()


def test_every_long_name_has_a_short_one_with_a_place() -> None:
    assert set(namespaces.LEGACY.values()) <= set(namespaces.PLACES)
    assert set(namespaces.PLACES) >= namespaces.SUPPORTED


def test_the_short_name_goes_before_the_long_one() -> None:
    data = config(extra_config={"router": {"auto_options": True}, "github_com/luraproject/lura/router/gin": {}})
    assert "its new name" in only_warning(data).message
    assert read(data).router.auto_options


@pytest.mark.parametrize(("name", "words"), [
    ("auth/api-keys", "Enterprise edition"), ("ai/llm", "Enterprise edition"), ("no/such", "not known"),
    ("security/cros", 'did you mean "security/cors"?'), ("proxy", "has no effect here"),
    ("telemetry/logging", "not supported yet"), ("github_com/devopsfaith/bloomfilter", "not supported yet"),
])
def test_what_does_nothing_is_named(name: str, words: str) -> None:
    problem = only_warning(config(extra_config={name: {"a": 1}}))
    assert words in problem.message and problem.path == ("extra_config", name)


def test_other_blocks_stay_under_their_short_names() -> None:
    service = read(config(endpoint(extra_config={"github.com/devopsfaith/krakend-cel": [1]})))
    assert service.endpoints[0].extra == {"validation/cel": [1]}


@pytest.mark.parametrize("wrong", [[], "x", 5, True])
def test_an_extra_config_of_a_wrong_type_is_ignored_and_named(wrong: object) -> None:
    assert "is ignored" in only_warning(config(endpoint(extra_config=wrong))).message


def test_comments_are_no_namespaces() -> None:
    assert not problems(config(extra_config={"@comment": "why", "#off": {}}))
