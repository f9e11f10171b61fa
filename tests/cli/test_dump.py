from tests.config.reading import backend, config, endpoint, read, shadow
from understudy.cli.dump import dump

DATA = config(
    endpoint(backend(url_pattern="/1/{id}", mapping={"a": "b"}), backend(group="g"), shadow({"of": 0, "percent": 5}),
             endpoint="/a/{id}", method="POST", timeout="1s", extra_config={"qos/ratelimit/router": {"jwk_url": "u",
                                                                                                "secret_url": "s"}}),
    name="n", port=25999, extra_config={"router": {"return_error_msg": True}})


def test_level_1_shows_endpoints_effective_timeouts_and_whose_shadow() -> None:
    lines = dump(read(DATA), 1, "\t").splitlines()
    for line in ("\tName: n", "\tPort: 25999", "1 API endpoint(s):", "\t- POST /a/:id", "\tTimeout: 1s",
                 "\t2 answers merged within 850ms", "\tConnecting to 3 backend(s):", "\t\t[+] POST /1/{{.Id}}",
                 "\t\tTimeout: 850ms", "\t\tHosts: [http://127.0.0.1:8081]",
                 '\t\tShadow "post-a-id-2": candidate of backend 0 (POST /1/{{.Id}}), 5 % of requests, sent with it',
                 "0 async agent(s):"):
        assert line in lines, line


def test_level_2_adds_lists_and_encodings_and_level_3_limits() -> None:
    service = read(DATA)
    two, three = dump(service, 2, "\t"), dump(service, 3, "\t")
    assert "OutputEncoding: json" in two and "Mapping: map[a:b]" in two and "Max idle" not in two
    assert "Max idle connections per host: 250" in three and "Concurrent calls: 1" in three
    assert "Shadow limits: 100 in flight, no limit" in three


def test_secrets_are_not_shown() -> None:
    text = dump(read(DATA), 3, "\t")
    assert "secret_url: ***" in text and "jwk_url: u" in text


def test_a_merged_group_with_concurrent_calls_has_75_percent() -> None:
    text = dump(read(config(endpoint(backend(), backend(group="b"), concurrent_calls=2, timeout="1s"))), 1, "\t")
    assert "\t\tTimeout: 750ms" in text.splitlines()


def test_a_shadow_of_the_whole_answer_and_of_nobody() -> None:
    whole = dump(read(config(endpoint(backend(), backend(), shadow({"of": "response"})))), 1, "")
    nobody = dump(read(config(endpoint(backend(), backend(), shadow(url_pattern="/q")))), 1, "")
    assert "of the whole answer" in whole and "of nobody in particular" in nobody
