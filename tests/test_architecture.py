"""The house keeps its plan: ranks of imports, tests that mirror sources, budgets (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import understudy

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "understudy"
TESTS = ROOT / "tests"

RANKS: dict[str, int] = {
    "understudy": 0, "errors": 0, "exchange": 0, "http.values": 0, "http.stream": 0, "http.status": 0,
    "config": 1, "gateway.types": 1, "compare": 1, "evidence": 1, "encoding": 1,
    "telemetry": 2,
    "http": 3, "gateway": 3, "shadow": 3,
    "store": 4, "rollout": 4, "gateway.build": 4,
    "process": 5, "admin": 5,
    "cli": 6, "__main__": 7,
    "testing": 8, "demo": 8,
}  # fmt: skip
"""A module imports its own rank or lower ones; the longest name that fits decides."""

STRANGERS = {
    "http": ("gateway", "shadow", "compare", "evidence"),
    "encoding": ("http", "gateway", "shadow", "config"),
    "gateway": ("shadow", "compare", "evidence"),
    "shadow": ("evidence",),
    "compare": ("gateway", "shadow", "telemetry", "config.read"),
    "evidence": ("gateway", "shadow", "telemetry", "http"),
    "config": ("http", "compare"),
}
"""Who knows nothing of whom, also within a rank: http does not know what an endpoint is, the request path and the
shadows do not know how answers are judged, comparison does not know that traffic is live."""

LINES_OF_A_FUNCTION, LINES_OF_A_FILE, PARAMETERS, PUBLIC_NAMES = 60, 500, 12, 40

LONG_FILES = {
    "http/connection.py": "one socket's state machine: reading, order and writing share their state at every byte",
}
LONG_FUNCTIONS: dict[str, str] = {}
MANY_PARAMETERS: dict[str, str] = {}

WITHOUT_TEST: dict[str, str] = {}
"""Sources without a test file of their own, each with the reason."""

WITHOUT_SOURCE = {
    "test_architecture.py": "looks at all sources",
    "config/test_bad_input.py": "every key of the configuration among bad values",
    "config/flexible/test_recorded.py": "templates rendered by Go, through the whole of flexible/",
    "evidence/test_experiments.py": "worlds whose truth is known, through counting and judging",
}
"""Test files that mirror no source, each with the reason."""

OF_THE_WHOLE = frozenset({"e2e", "golden"})
"""Folders of tests that look at everything at once."""


def modules() -> dict[str, Path]:
    """Every module by its name below the package."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        found[name.removesuffix("__init__").rstrip(".") or "understudy"] = path
    return found


MODULES = modules()
TREES = {name: ast.parse(path.read_text(), str(path)) for name, path in MODULES.items()}


def imports(tree: ast.AST) -> Iterator[str]:
    """The modules of the package that a tree imports, anywhere but for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "understudy":
            inside = (node.module or "").partition(".")[2]
            for alias in node.names:
                whole = f"{inside}.{alias.name}".lstrip(".")
                yield whole if whole in MODULES else inside or "understudy"
        elif isinstance(node, ast.Import):
            yield from (a.name.partition(".")[2] or "understudy" for a in node.names
                        if a.name.partition(".")[0] == "understudy")  # fmt: skip
        else:
            yield from imports(node)


GRAPH = {name: frozenset(imports(tree)) for name, tree in TREES.items()}


def within(module: str, package: str) -> bool:
    """Whether a module is the package or in it."""
    return module == package or module.startswith(package + ".")


def rank(module: str) -> int:
    """Raises ``ValueError`` for a part of the house that the plan does not have."""
    fitting = [part for part in RANKS if within(module, part)]
    if not fitting:
        raise ValueError(f"{module} has no rank: the plan does not know it")
    return RANKS[max(fitting, key=len)]


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function with the name of its file."""
    for name, tree in TREES.items():
        where = MODULES[name].relative_to(SOURCE).as_posix()
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield where, node


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """How long a function is without its docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    if ast.get_docstring(function, clean=False) is None:
        return whole
    said = function.body[0]
    return whole - ((said.end_lineno or said.lineno) - said.lineno + 1)


def test_imports_go_one_way() -> None:
    """From the commands down to the errors."""
    wrong = [f"{a} imports {b}" for a, many in GRAPH.items() for b in sorted(many) if rank(a) < rank(b)]
    assert wrong == []


def test_who_must_not_know_whom() -> None:
    """Laws of the plan that are finer than its ranks."""
    values = {name for name, r in RANKS.items() if r == 0}
    wrong = [
        f"{a} imports {b}"
        for a, many in GRAPH.items()
        for part, strangers in STRANGERS.items()
        if within(a, part) and a != "gateway.build"
        for b in many
        if b not in values and any(within(b, s) for s in strangers)
    ]
    assert wrong == []


def test_no_cycles() -> None:
    """Modules can be put in an order in which each imports only earlier ones."""
    left = {name: {b for b in many if b in MODULES and b != name} for name, many in GRAPH.items()}
    while ready := [name for name, many in left.items() if not many]:
        for name in ready:
            del left[name]
        for many in left.values():
            many.difference_update(ready)
    assert left == {}


def mirror(path: Path) -> Path:
    """The test file of a source."""
    inside = path.relative_to(SOURCE)
    return TESTS / inside.parent / f"test_{inside.stem.strip('_')}.py"


def test_every_source_has_its_tests() -> None:
    """``x/y.py`` is held by ``tests/x/test_y.py``."""
    missing = {p.relative_to(SOURCE).as_posix() for p in MODULES.values()
               if p.name != "__init__.py" and not mirror(p).exists()}  # fmt: skip
    assert sorted(missing) == sorted(WITHOUT_TEST)


def test_every_test_has_its_source() -> None:
    """But for those that look at the whole."""
    mirrors = {mirror(p) for p in MODULES.values()}
    strays = {
        p.relative_to(TESTS).as_posix()
        for p in TESTS.rglob("test_*.py")
        if p not in mirrors and p.relative_to(TESTS).parts[0] not in OF_THE_WHOLE
    }
    assert sorted(strays) == sorted(WITHOUT_SOURCE)


def test_packages_hold_nothing_but_names() -> None:
    """An ``__init__`` has no code of its own that would need a test: no class, and at most one function."""
    for name, path in MODULES.items():
        if path.name == "__init__.py":
            kinds = [type(n) for n in TREES[name].body]
            assert ast.ClassDef not in kinds, path
            assert kinds.count(ast.FunctionDef) <= 1, path


def test_functions_are_short() -> None:
    """Nine of ten within the aim, each within the limit."""
    found = [(lines(f), f"{where}:{f.name}") for where, f in functions()]
    assert sorted(n for size, n in found if size > LINES_OF_A_FUNCTION) == sorted(LONG_FUNCTIONS)
    assert sorted(size for size, _ in found)[int(len(found) * 0.9)] <= 25


def test_files_are_short() -> None:
    """Each within the limit."""
    found = {p.relative_to(SOURCE).as_posix(): len(p.read_text().splitlines()) for p in MODULES.values()}
    assert sorted(n for n, size in found.items() if size > LINES_OF_A_FILE) == sorted(LONG_FILES)


def test_constructors_take_few_parameters() -> None:
    """Those of public classes; values are told by their fields instead."""
    found = []
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if not isinstance(node, ast.ClassDef) or node.name.startswith("_"):
                continue
            for f in node.body:
                if isinstance(f, ast.FunctionDef) and f.name == "__init__":
                    given = len(f.args.posonlyargs) + len(f.args.args) + len(f.args.kwonlyargs) - 1
                    if given > PARAMETERS:
                        found.append(f"{name}.{node.name}")
    assert sorted(found) == sorted(MANY_PARAMETERS)


def test_every_function_is_annotated() -> None:
    """Parameters and result."""
    bare = []
    for where, f in functions():
        given = [*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs, f.args.vararg, f.args.kwarg]
        loose = [a.arg for a in given if a is not None and a.annotation is None and a.arg not in ("self", "cls")]
        if loose or f.returns is None:
            bare.append(f"{where}:{f.name}")
    assert bare == []


def test_the_package_has_few_public_names() -> None:
    """What a user of it must learn."""
    assert len(understudy.__all__) <= PUBLIC_NAMES


@pytest.mark.parametrize("word", ["util", "helper", "manager", "common", "misc"])
def test_no_file_is_named_for_nothing(word: str) -> None:
    """A name says what is in it."""
    assert [n for n in MODULES if word in n.rpartition(".")[2]] == []
