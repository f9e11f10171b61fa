"""Tokens to trees: one for the text itself, and one for every ``define`` and ``block`` in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from understudy.config.flexible import nodes
from understudy.config.flexible.failure import TemplateFailure
from understudy.config.flexible.lexer import KEYWORDS, Token, line_of, tokens
from understudy.config.flexible.literals import character_of, number_of, text_of

NESTING = 100
"""How deep blocks and parentheses may stand in each other."""
_NO_COMMAND = (nodes.Constant, nodes.Dot, nodes.Nil)


def parse(text: str, name: str, functions: Collection[str],
          refused: Mapping[str, str] | None = None) -> dict[str, nodes.Tree]:
    """Every template of a text by name.

    ``functions`` are the names that may be called; ``refused`` tells for names that exist elsewhere why they do not
    here. Raises TemplateFailure.
    """
    return _Parser(text, name, functions, refused or {}).all()


class _Parser:
    def __init__(self, text: str, name: str, functions: Collection[str], refused: Mapping[str, str]) -> None:
        self._text = text
        self._name = name
        self._functions = functions
        self._refused = refused
        self._tokens = tokens(text, name)
        self._ahead: list[Token] = []
        self._trees: dict[str, nodes.Tree] = {}
        self._variables = ["$"]
        self._loops = 0
        self._depth = 0
        self._last = Token("end", "", 0)

    def all(self) -> dict[str, nodes.Tree]:
        parts: list[nodes.Part] = []
        while True:
            token = self._next()
            if token.kind == "end":
                break
            if token.kind == "left" and self._peek_word().kind == "define":
                self._skip_space()
                self._next()
                self._define()
                continue
            part = self._part(token)
            if isinstance(part, Token):
                raise self._wrong(part, f"unexpected {{{{{part.text}}}}}")
            if part is not None:
                parts.append(part)
        self._add(nodes.Tree(self._name, self._name, tuple(parts)))
        return self._trees

    def _add(self, tree: nodes.Tree) -> None:
        known = self._trees.get(tree.name)
        if known is None or _empty(known):
            self._trees[tree.name] = tree
        elif not _empty(tree):
            raise TemplateFailure(f'the template "{tree.name}" is defined twice', self._name, 1)

    # Tokens

    def _next(self) -> Token:
        self._last = self._ahead.pop() if self._ahead else next(self._tokens, Token("end", "", len(self._text)))
        return self._last

    def _back(self, token: Token) -> None:
        self._ahead.append(token)

    def _skip_space(self) -> None:
        token = self._next()
        if token.kind != "space":
            self._back(token)

    def _word(self) -> Token:
        """The next token that is not space."""
        token = self._next()
        return self._next() if token.kind == "space" else token

    def _peek_word(self) -> Token:
        token = self._next()
        if token.kind != "space":
            self._back(token)
            return token
        after = self._next()
        self._back(after)
        self._back(token)
        return after

    def _expect(self, kind: str, where: str) -> Token:
        token = self._word()
        if token.kind != kind:
            raise self._unexpected(token, where)
        return token

    def _wrong(self, token: Token, message: str) -> TemplateFailure:
        return TemplateFailure(message, self._name, line_of(self._text, token.at))

    def _unexpected(self, token: Token, where: str) -> TemplateFailure:
        shown = "the end of the text" if token.kind == "end" else f'"{token.text}"'
        return self._wrong(token, f"unexpected {shown} in {where}")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > NESTING:
            raise self._wrong(self._last, f"nested more than {NESTING} levels deep")

    # Blocks

    def _part(self, token: Token) -> nodes.Part | Token | None:
        """A part; or the ``end`` or ``else`` that closes what is around it."""
        if token.kind == "text":
            return nodes.Text(token.at, token.text)
        if token.kind != "left":
            raise self._unexpected(token, "input")
        word = self._word()
        if word.kind in ("if", "with", "range"):
            return self._branch(word)
        if word.kind == "end":
            self._expect("right", "end")
            return word
        if word.kind == "else":
            return word
        if word.kind == "template":
            return self._call(word)
        if word.kind == "block":
            return self._block(word)
        if word.kind in ("break", "continue"):
            if not self._loops:
                raise self._wrong(word, f"{{{{{word.kind}}}}} outside {{{{range}}}}")
            self._expect("right", f"{{{{{word.kind}}}}}")
            return nodes.Leave(word.at, word.kind)
        if word.kind in KEYWORDS:
            raise self._wrong(word, f"unexpected {{{{{word.kind}}}}}")
        self._back(word)
        return nodes.Action(word.at, self._pipeline("command", "right"))

    def _list(self, where: str) -> tuple[tuple[nodes.Part, ...], Token]:
        """Parts up to ``end`` or ``else``, and which of them it was."""
        parts: list[nodes.Part] = []
        while True:
            token = self._next()
            if token.kind == "end":
                raise self._wrong(token, f"unexpected EOF: {{{{{where}}}}} has no {{{{end}}}}")
            part = self._part(token)
            if isinstance(part, Token):
                return tuple(parts), part
            if part is not None:
                parts.append(part)

    def _branch(self, word: Token) -> nodes.Branch:
        self._deeper()
        kind = word.kind
        known = len(self._variables)
        pipe = self._pipeline(kind, "right")
        self._loops += kind == "range"
        body, closing = self._list(kind)
        self._loops -= kind == "range"
        otherwise: tuple[nodes.Part, ...] = ()
        if closing.kind == "else":
            again = self._word()
            if again.kind == kind and kind != "range":
                otherwise = (self._branch(again),)
            else:
                if again.kind != "right":
                    raise self._unexpected(again, "else")
                otherwise, closing = self._list(kind)
                if closing.kind == "else":
                    raise self._wrong(closing, "expected end; found {{else}}")
        del self._variables[known:]
        self._depth -= 1
        return nodes.Branch(word.at, kind, pipe, body, otherwise)

    def _define(self) -> None:
        name = self._template_name("define clause")
        self._expect("right", "define clause")
        self._named(name, "define")

    def _named(self, name: str, where: str) -> None:
        """The body of a define or block, with variables and loops of its own."""
        outside, self._variables = self._variables, ["$"]
        loops, self._loops = self._loops, 0
        self._deeper()
        parts, closing = self._list(where)
        if closing.kind != "end":
            raise self._wrong(closing, f"unexpected {{{{else}}}} in {where} clause")
        self._depth -= 1
        self._variables, self._loops = outside, loops
        self._add(nodes.Tree(name, self._name, parts))

    def _block(self, word: Token) -> nodes.Call:
        name = self._template_name("block clause")
        pipe = self._pipeline("block clause", "right")
        self._named(name, "block")
        return nodes.Call(word.at, name, pipe)

    def _call(self, word: Token) -> nodes.Call:
        name = self._template_name("template clause")
        if self._peek_word().kind == "right":
            self._word()
            return nodes.Call(word.at, name, None)
        return nodes.Call(word.at, name, self._pipeline("template clause", "right"))

    def _template_name(self, where: str) -> str:
        return self._literal(self._expect("string", where))

    # Pipelines

    def _pipeline(self, where: str, closing: str) -> nodes.Pipe:
        first = self._peek_word()
        variables, assigns = self._declared(where)
        commands: list[nodes.Command] = []
        while True:
            token = self._word()
            if token.kind == closing:
                if not commands:
                    raise self._wrong(token, f"missing value for {where}")
                break
            if token.kind in ("right", "close", "pipe", "declare", "assign", "comma", "end", *KEYWORDS):
                raise self._unexpected(token, where)
            self._back(token)
            commands.append(self._command(where))
        for number, command in enumerate(commands[1:], 2):
            if isinstance(command.operands[0], _NO_COMMAND):
                raise self._wrong(first, f"non executable command in pipeline stage {number}")
        return nodes.Pipe(first.at, tuple(commands), variables, assigns)

    def _declared(self, where: str) -> tuple[tuple[str, ...], bool]:
        """``$x :=``, ``$x =`` and, for range, ``$i, $x :=`` at the beginning of a pipeline."""
        names: list[str] = []
        taken: list[Token] = []
        while True:
            before = self._next()
            word = self._next() if before.kind == "space" else before
            taken += [before, word] if word is not before else [word]
            if word.kind != "variable":
                break
            before = self._next()
            sign = self._next() if before.kind == "space" else before
            taken += [before, sign] if sign is not before else [sign]
            names.append(word.text)
            if sign.kind in ("declare", "assign"):
                if sign.kind == "declare":
                    self._variables += names
                elif any(name not in self._variables for name in names):
                    raise self._wrong(word, f'undefined variable "{word.text}"')
                return tuple(names), sign.kind == "assign"
            if sign.kind != "comma" or where != "range" or len(names) > 1:
                if sign.kind == "comma":
                    raise self._wrong(word, f"too many declarations in {where}")
                break
        for token in reversed(taken):
            self._back(token)
        return (), False

    def _command(self, where: str) -> nodes.Command:
        operands: list[nodes.Operand] = []
        while True:
            self._skip_space()
            operand = self._operand()
            if operand is not None:
                operands.append(operand)
            token = self._next()
            if token.kind == "space":
                continue
            if token.kind in ("right", "close"):
                self._back(token)
            elif token.kind != "pipe":
                raise self._unexpected(token, "operand")
            break
        if not operands:
            raise self._wrong(self._last, f"empty command in {where}")
        return nodes.Command(operands[0].at, tuple(operands))

    def _operand(self) -> nodes.Operand | None:
        term = self._term()
        if term is None:
            return None
        names: list[str] = []
        while True:
            token = self._next()
            if token.kind != "field":
                self._back(token)
                break
            names.append(token.text[1:])
        if not names:
            return term
        if isinstance(term, nodes.Field):
            return nodes.Field(term.at, (*term.names, *names))
        if isinstance(term, nodes.Variable):
            return nodes.Variable(term.at, term.name, (*term.names, *names))
        if isinstance(term, _NO_COMMAND):
            raise self._wrong(self._last, f'unexpected ".{names[0]}" after a constant')
        return nodes.Chain(term.at, term, tuple(names))

    def _term(self) -> nodes.Operand | None:
        token = self._next()
        kind, at = token.kind, token.at
        if kind == "identifier":
            if token.text not in self._functions:
                why = self._refused.get(token.text, "")
                raise self._wrong(token, f'function "{token.text}" not defined{why}')
            return nodes.Function(at, token.text)
        if kind == "dot":
            return nodes.Dot(at)
        if kind == "nil":
            return nodes.Nil(at)
        if kind == "field":
            return nodes.Field(at, (token.text[1:],))
        if kind == "variable":
            if token.text not in self._variables:
                raise self._wrong(token, f'undefined variable "{token.text}"')
            return nodes.Variable(at, token.text)
        if kind == "open":
            self._deeper()
            pipe = self._pipeline("parenthesized pipeline", "close")
            self._depth -= 1
            return pipe
        if kind in ("bool", "string", "number", "character"):
            return nodes.Constant(at, self._constant(token))
        self._back(token)
        return None

    def _constant(self, token: Token) -> object:
        if token.kind == "bool":
            return token.text == "true"
        if token.kind == "string":
            return self._literal(token)
        try:
            return number_of(token.text) if token.kind == "number" else character_of(token.text)
        except (ValueError, OverflowError):
            raise self._wrong(token, f"bad number syntax: {token.text}") from None

    def _literal(self, token: Token) -> str:
        try:
            return text_of(token.text)
        except (ValueError, OverflowError):
            raise self._wrong(token, f"bad escape in {token.text}") from None


def _empty(tree: nodes.Tree) -> bool:
    """Only space: such a template does not replace one that says something."""
    return all(isinstance(part, nodes.Text) and not part.text.strip() for part in tree.parts)
