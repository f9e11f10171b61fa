from tests.config.reading import backend, config, endpoint, read, shadow


def test_regular_backends_and_shadows_are_told_apart_in_order() -> None:
    made = read(config(endpoint(shadow(url_pattern="/a"), backend(), shadow(url_pattern="/b")))).endpoints[0]
    assert [b.index for b in made.regular] == [1]
    assert [b.index for b in made.shadows] == [0, 2]
