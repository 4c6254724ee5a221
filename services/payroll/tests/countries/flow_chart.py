"""A short interpreter of the official flow chart of German wage tax: it runs the ministry's own XML."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, ROUND_UP, Decimal, getcontext
from pathlib import Path
from typing import Any, ClassVar, Final
from xml.etree import ElementTree

getcontext().prec = 60
MODES: Final = {"down": ROUND_DOWN, "up": ROUND_UP}


class BigDecimal:
    """As much of Java's class as the chart uses."""

    ROUND_DOWN: ClassVar = "down"
    ROUND_UP: ClassVar = "up"
    ZERO: ClassVar[BigDecimal]
    ONE: ClassVar[BigDecimal]

    def __init__(self, value: Decimal) -> None:
        self.value = value

    @classmethod
    def valueOf(cls, value: float | int | Decimal) -> BigDecimal:
        """From the shortest text of a number, as Java does; a float comes from the chart's own text."""
        return cls(Decimal(str(value)))

    def add(self, other: BigDecimal) -> BigDecimal:
        """The sum."""
        return BigDecimal(self.value + other.value)

    def subtract(self, other: BigDecimal) -> BigDecimal:
        """The difference."""
        return BigDecimal(self.value - other.value)

    def multiply(self, other: BigDecimal) -> BigDecimal:
        """The product."""
        return BigDecimal(self.value * other.value)

    def divide(self, other: BigDecimal, scale: int | None = None, mode: str = "down") -> BigDecimal:
        """The quotient, exact or cut to a scale."""
        quotient = BigDecimal(self.value / other.value)
        return quotient if scale is None else quotient.setScale(scale, mode)

    def setScale(self, scale: int, mode: str) -> BigDecimal:
        """Rounded to so many decimals."""
        return BigDecimal(self.value.quantize(Decimal(1).scaleb(-scale), MODES[mode]))

    def compareTo(self, other: BigDecimal) -> int:
        """-1, 0 or 1."""
        return (self.value > other.value) - (self.value < other.value)

    def longValue(self) -> int:
        """Without its fraction."""
        return int(self.value)


BigDecimal.ZERO, BigDecimal.ONE = BigDecimal(Decimal(0)), BigDecimal(Decimal(1))


class FlowChart:
    """The chart, ready to be asked: `run(LZZ=2, RE4=350000, STKL=1)` gives all its outputs."""

    def __init__(self, path: Path) -> None:
        # The file has a raw `<` inside attribute values: that is not well-formed.
        text = re.sub(r'"[^"]*"', lambda found: found[0].replace("<", "&lt;"), _without_comments(path))
        root = ElementTree.fromstring(text)  # noqa: S314 (a file of the ministry, beside the project)
        variables = root.find("VARIABLES")
        methods = root.find("METHODS")
        assert variables is not None
        assert methods is not None
        self._types = {
            item.get("name", ""): item.get("type", "") for item in variables.iter() if item.get("name")
        }
        self._defaults = {
            item.get("name", ""): _python(item.get("default", _zero(item.get("type", ""))))
            for item in variables.iter()
            if item.tag in ("INPUT", "OUTPUT", "INTERNAL")
        }
        self._constants = {
            item.get("name", ""): eval(_python(item.get("value", "")), {"BigDecimal": BigDecimal})  # noqa: S307
            for item in root.iter("CONSTANT")
        }
        self._outputs = [item.get("name", "") for item in variables.iter("OUTPUT")]
        self._methods = {item.get("name", "MAIN"): item for item in methods}
        self._code: dict[str, Any] = {}

    def run(self, **given: int | Decimal) -> dict[str, int]:
        """All outputs of the chart for some inputs, in its own units."""
        scope: dict[str, Any] = {"BigDecimal": BigDecimal, **self._constants}
        for name, default in self._defaults.items():
            scope[name] = eval(default, {"BigDecimal": BigDecimal})  # noqa: S307 (the chart's own text)
        for name, value in given.items():
            is_decimal = self._types[name] == "BigDecimal"
            scope[name] = BigDecimal(Decimal(value)) if is_decimal else value
        self._execute(self._methods["MAIN"], scope)
        return {name: int(scope[name].value) for name in self._outputs}

    def _execute(self, block: ElementTree.Element, scope: dict[str, Any]) -> None:
        for step in block:
            if step.tag == "EVAL":
                exec(self._compiled(step.get("exec", ""), "exec"), scope)  # noqa: S102 (the chart's own text)
            elif step.tag == "EXECUTE":
                self._execute(self._methods[step.get("method", "")], scope)
            elif step.tag == "IF":
                holds = eval(self._compiled(step.get("expr", ""), "eval"), scope)  # noqa: S307 (the same)
                branch = step.find("THEN" if holds else "ELSE")
                if branch is not None:
                    self._execute(branch, scope)

    def _compiled(self, text: str, mode: str) -> Any:
        if text not in self._code:
            self._code[text] = compile(_python(text).strip(), "chart", mode)
        return self._code[text]


def _without_comments(path: Path) -> str:
    return re.sub(r"<!--.*?-->", "", path.read_text(encoding="utf-8-sig"), flags=re.DOTALL)


def _python(java: str) -> str:
    text = java.replace("&&", " and ").replace("new BigDecimal", "BigDecimal.valueOf")
    return text.replace("{", "[").replace("}", "]")


def _zero(kind: str) -> str:
    return "BigDecimal.ZERO" if kind == "BigDecimal" else "0"
