from understudy.config.flexible.failure import TemplateFailure


def test_the_place_comes_first() -> None:
    assert str(TemplateFailure("no", "k.json", 3)) == "k.json:3: no"
    assert str(TemplateFailure("no")) == "no"
