"""The mutants of one source: every single small change that our operators make.

Places come from the compiler's syntax tree, so that a change is never made in a comment, a text or
a type, and inline assembly is changed as well. The same source gives the same mutants, and a
mutant keeps its id as long as its line and its function stay as they are, wherever they stand.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

#: A node of the compiler's syntax tree, Solidity's or Yul's.
Node = Mapping[str, Any]

OPERATORS: Final[Mapping[str, str]] = {
    "condition": "the condition of an `if` or `?:` always holds, or never does",
    "relation": "`<` `<=` `>` `>=` `==` `!=` replaced by its neighbour and by its opposite",
    "logic": "`&&` and `||` swapped, or one of their sides left out; `!` left out",
    "arithmetic": "`+` `-` `*` `/` `%` `<<` `>>` `&` `|` `^` and their assignments replaced",
    "number": "a number one higher, 1 replaced by 0",
    "flag": "`true` and `false` swapped",
    "constant": "a named number (a state, a role, a limit) replaced by the next one declared",
    "deletion": "a statement left out: assignment, call, event, revert, return",
    "assembly": "the same for inline assembly, and `iszero` left out",
}
#: What is never made, because it could not be told from the original or would never end.
RULES: Final = (
    "The `return` that is all an `if` does is not left out: the condition that never holds is it.",
    "How a loop counts on, and a loop's condition that always holds, are left alone: no end.",
    "Interfaces, types, texts and `hex` literals (which spell the types of the entries) are left "
    "alone: every test that records anything compares them with the other implementation.",
)

_RELATIONS: Final = {
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "==": ("!=",),
    "!=": ("==",),
}
_LOGIC: Final = {"&&": "||", "||": "&&"}
_ARITHMETIC: Final = {
    "+": "-",
    "-": "+",
    "*": "/",
    "/": "*",
    "%": "*",
    "<<": ">>",
    ">>": "<<",
    "&": "|",
    "|": "&",
    "^": "&",
}
_ASSIGNED: Final = {f"{o}=": f"{n}=" for o, n in _ARITHMETIC.items()}
_YUL_CALLS: Final = {
    "add": ("sub",),
    "sub": ("add",),
    "mul": ("div",),
    "div": ("mul",),
    "shl": ("shr",),
    "shr": ("shl",),
    "and": ("or",),
    "or": ("and",),
}
_YUL_RELATIONS: Final = {"lt": "gt", "gt": "lt"}
_STATEMENTS: Final = {
    "ExpressionStatement",
    "EmitStatement",
    "RevertStatement",
    "Return",
    "Break",
    "Continue",
}
_YUL_STATEMENTS: Final = {"YulExpressionStatement", "YulAssignment", "YulBreak"}
_BODIES: Final = {"statements", "trueBody", "falseBody", "body"}
_COMMENT: Final = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: at ``start`` (bytes of the UTF-8 source) ``old`` becomes ``new``."""

    id: str
    path: str
    function: str
    line: int
    operator: str
    start: int
    old: str
    new: str

    def applied(self, text: str) -> str:
        """The source with this change."""
        raw, old = text.encode(), self.old.encode()
        assert raw[self.start : self.start + len(old)] == old, "this is not the mutant's source"
        return (raw[: self.start] + self.new.encode() + raw[self.start + len(old) :]).decode()


@dataclass(frozen=True, slots=True)
class _Change:
    operator: str
    start: int
    end: int
    new: str


def mutants(
    path: str, text: str, tree: Node, constants: Mapping[int, Sequence[str]]
) -> list[Mutant]:
    """Every mutant of the source ``text`` at ``path``, in the order of the source.

    ``tree`` is the compiler's for it, ``constants`` as of :func:`named_numbers`.
    """
    source = text.encode()
    found = []
    seen: Counter[tuple[str, ...]] = Counter()
    for change, function in sorted(
        _Walk(source, constants).source_unit(tree), key=lambda c: (c[0].start, c[0].end, c[0].new)
    ):
        old = source[change.start : change.end].decode()
        begin = source.rfind(b"\n", 0, change.start) + 1
        context = source[begin : source.find(b"\n", change.start)].decode().strip()
        key = (path, function, context, change.operator, old, change.new)
        number = seen[key]
        seen[key] += 1
        name = sha256("\0".join((*key, str(number))).encode()).hexdigest()[:8]
        line = source.count(b"\n", 0, change.start) + 1
        made = Mutant(name, path, function, line, change.operator, change.start, old, change.new)
        found.append(made)
    return found


def named_numbers(trees: Mapping[str, Node]) -> dict[int, Sequence[str]]:
    """Of each constant that is declared as a plain number: what names stand for its neighbours.

    Key is the declaration's id in the trees of one compilation. Neighbours are the constants of
    the same type in the same contract, the next one first; without any there is no entry.
    """
    families: dict[tuple[int, str], list[Node]] = {}
    for tree in trees.values():
        for contract in _of_type(tree, "ContractDefinition"):
            for member in contract["nodes"]:
                if member["nodeType"] == "VariableDeclaration" and member["constant"]:
                    if member["value"]["nodeType"] == "Literal":
                        kind = member["typeDescriptions"]["typeString"]
                        families.setdefault((contract["id"], kind), []).append(member)
    return {
        member["id"]: [m["name"] for m in family[i + 1 :] + family[:i]]
        for family in families.values()
        for i, member in enumerate(family)
        if len(family) > 1
    }


def _of_type(tree: Node, kind: str) -> Iterator[Node]:
    return (n for n in tree.get("nodes", ()) if n["nodeType"] == kind)


class _Walk:
    def __init__(self, source: bytes, constants: Mapping[int, Sequence[str]]) -> None:
        self.source = source
        self.constants = constants
        self.guarded: set[int] = set()

    def source_unit(self, tree: Node) -> Iterator[tuple[_Change, str]]:
        for contract in _of_type(tree, "ContractDefinition"):
            if contract["contractKind"] == "interface":
                continue
            for member in contract["nodes"]:
                name = member.get("name") or member.get("kind") or member["nodeType"]
                for change in self.below(member, ""):
                    yield change, str(name)

    def below(self, node: Node, role: str) -> Iterator[_Change]:
        """Changes of a node, which is the ``role`` of what holds it, and of all below it."""
        kind = node["nodeType"]
        if kind in ("ArrayTypeName", "UserDefinedTypeName", "ElementaryTypeName"):
            return
        if role in ("loopExpression", "post"):
            return
        yield from self.here(node, kind, role)
        for name, value in node.items():
            if name in ("typeName", "documentation", "overrides", "modifiers"):
                continue
            for child in value if isinstance(value, list) else [value]:
                if isinstance(child, dict) and "nodeType" in child:
                    yield from self.below(child, name)

    def here(self, node: Node, kind: str, role: str) -> Iterator[_Change]:
        if kind == "IfStatement":
            self.guard(node)
        if kind in ("IfStatement", "Conditional"):
            yield from (self.instead("condition", node["condition"], b) for b in ("false", "true"))
        elif kind in ("ForStatement", "WhileStatement") and node.get("condition"):
            yield self.instead("condition", node["condition"], "false")
        elif kind == "BinaryOperation":
            yield from self.binary(node)
        elif kind == "Assignment" and node["operator"] in _ASSIGNED:
            left, right = node["leftHandSide"], node["rightHandSide"]
            yield self.between("arithmetic", left, right, node["operator"])
        elif kind == "UnaryOperation" and node["operator"] == "!":
            yield self.instead("logic", node, self.text(node["subExpression"]))
        elif kind == "Literal" and node["kind"] == "bool":
            new = "false" if node["value"] == "true" else "true"
            yield self.instead("flag", node, new)
        elif kind == "Literal" and node["kind"] == "number":
            yield self.number("number", node)
        elif kind in ("Identifier", "MemberAccess"):
            yield from self.constant(node)
        elif kind in _STATEMENTS and role in _BODIES:
            if node["id"] not in self.guarded:
                yield self.without(node)
        elif kind.startswith("Yul"):
            yield from self.yul(node, kind, role)

    def guard(self, node: Node) -> None:
        """Notes the ``return`` that is all an ``if`` does."""
        for body in (node["trueBody"], node.get("falseBody")):
            statements = body.get("statements", [body]) if body else []
            if [s["nodeType"] for s in statements] == ["Return"]:
                self.guarded.add(statements[0]["id"])

    def binary(self, node: Node) -> Iterator[_Change]:
        left, right, operator = node["leftExpression"], node["rightExpression"], node["operator"]
        for new in _RELATIONS.get(operator, ()):
            yield self.between("relation", left, right, operator, new)
        if operator in _LOGIC:
            a, b = self.text(left), self.text(right)
            yield self.instead("logic", node, f"({a} {_LOGIC[operator]} {b})")
            yield self.instead("logic", node, f"({a})")
            yield self.instead("logic", node, f"({b})")
        if operator in _ARITHMETIC:
            new = f"(({self.text(left)}) {_ARITHMETIC[operator]} ({self.text(right)}))"
            yield self.instead("arithmetic", node, new)

    def constant(self, node: Node) -> Iterator[_Change]:
        names = self.constants.get(node.get("referencedDeclaration") or 0, ())
        if names:
            end = self.span(node)[1]
            length = len(node.get("memberName") or node["name"])
            yield _Change("constant", end - length, end, names[0])

    def yul(self, node: Node, kind: str, role: str) -> Iterator[_Change]:
        if kind == "YulIf":
            yield from (self.instead("assembly", node["condition"], n) for n in ("0", "1"))
        elif kind == "YulForLoop":
            yield self.instead("assembly", node["condition"], "0")
        elif kind == "YulLiteral" and node["kind"] == "number":
            yield self.number("assembly", node)
        elif kind == "YulFunctionCall":
            name = node["functionName"]["name"]
            arguments = [self.text(a) for a in node["arguments"]]
            for new in _YUL_CALLS.get(name, ()):
                yield self.instead("assembly", node["functionName"], new)
            if name in _YUL_RELATIONS:
                other = f"{_YUL_RELATIONS[name]}({', '.join(arguments)})"
                yield self.instead("assembly", node, f"iszero({other})")
            if name in (*_YUL_RELATIONS, "eq"):
                yield self.instead("assembly", node, f"iszero({self.text(node)})")
            if name == "iszero":
                yield self.instead("assembly", node, arguments[0])
        elif kind in _YUL_STATEMENTS and role == "statements":
            yield self.instead("assembly", node, "{}")

    # ---------------------------------------------------------------- places in the source

    def span(self, node: Node) -> tuple[int, int]:
        start, length, _ = map(int, node["src"].split(":"))
        return start, start + length

    def text(self, node: Node) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def instead(self, operator: str, node: Node, new: str) -> _Change:
        return _Change(operator, *self.span(node), new)

    def between(
        self, operator: str, left: Node, right: Node, old: str, new: str | None = None
    ) -> _Change:
        """Replaces the operator that stands between two expressions."""
        start, end = self.span(left)[1], self.span(right)[0]
        blank = _COMMENT.sub(lambda m: b" " * len(m[0]), self.source[start:end])
        place = start + blank.index(old.encode())
        return _Change(operator, place, place + len(old), new or _ASSIGNED[old])

    def number(self, operator: str, node: Node) -> _Change:
        """The digits only: a unit of time stays behind them."""
        start, _ = self.span(node)
        digits = node["value"]
        assert self.source[start:].startswith(digits.encode()), digits
        value = int(digits.replace("_", ""), 0)
        new = 0 if value == 1 else value + 1
        text = hex(new) if digits.startswith("0x") else str(new)
        return _Change(operator, start, start + len(digits), text)

    def without(self, node: Node) -> _Change:
        start, end = self.span(node)
        end = self.source.index(b";", end - 1) + 1
        return _Change("deletion", start, end, "{}")
