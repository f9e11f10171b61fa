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
    ("telemetry/logging", "not supported yet"), ("github_com/devopsfaith/krakend-metrics", "not supported yet"),
])
def test_what_does_nothing_is_named(name: str, words: str) -> None:
    problem = only_warning(config(extra_config={name: {"a": 1}}))
    assert words in problem.message and problem.path == ("extra_config", name)


def test_other_blocks_stay_under_their_short_names() -> None:
    service = read(config(endpoint(), extra_config={"github_com/devopsfaith/krakend-gologging": {"level": "INFO"}}))
    assert service.extra == {"telemetry/logging": {"level": "INFO"}}


MISSING = sorted(namespaces.NEEDED - namespaces.SUPPORTED)


def holding(name: str, **root: object) -> dict[str, object]:
    """A configuration with this component where it belongs."""
    place = namespaces.PLACES[name][-1]
    blocks = {level: {name: {"a": 1}} if level == place else {} for level in ("service", "endpoint", "backend")}
    entry = endpoint(extra_config=blocks["endpoint"])
    entry["backend"][0]["extra_config"] = blocks["backend"]
    return config(entry, extra_config={**blocks["service"], **root})


@pytest.mark.parametrize("name", MISSING)
def test_a_file_does_not_run_without_what_protects_it(name: str) -> None:
    """An endpoint with a validator that is not here would be open to everybody."""
    (problem,) = [p for p in problems(holding(name)) if p.severity == "error"]
    assert name in problem.message and "run_without" in problem.message
    assert problem.path[-1] == name
    service = read(holding(name, **{"understudy/service": {"run_without": [name]}}))
    assert [p.code for p in service.problems] == ["not_yet"]


def test_only_what_would_keep_a_file_from_running_can_be_left_out() -> None:
    names = ["auth/validator", "auth/validtor"]
    wrong = config(endpoint(), extra_config={"understudy/service": {"run_without": names}})
    (problem,) = [p for p in problems(wrong) if p.severity == "error"]
    assert problem.path[-2:] == ("run_without", 1)
    assert 'did you mean "auth/validator"' in problem.message


@pytest.mark.parametrize("wrong", [[], "x", 5, True])
def test_an_extra_config_of_a_wrong_type_is_ignored_and_named(wrong: object) -> None:
    assert "is ignored" in only_warning(config(endpoint(extra_config=wrong))).message


def test_comments_are_no_namespaces() -> None:
    assert not problems(config(extra_config={"@comment": "why", "#off": {}}))
