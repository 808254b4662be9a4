"""Styles in words that a phone of 2020 reads: Chrome 80 and Safari 13.1.

The sources are written as today's CSS. What those phones lack is rewritten when the styles are
joined: a fallback that is written by hand is missing in the next rule. Rules with `:has()` and the
like cannot be rewritten. They stand apart, because an old browser drops a rule with all its
selectors when it cannot read one of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# True where gaps between flex items are unknown: both came in Safari 14.1; Chrome had gaps three
# versions before `inset`, which is why the gap is taken away there as well.
OLD = "@supports not (inset: 0)"
# Shorthands of later years, and what they stand for in pages written from left to right.
SIDES = {
    "inset": ("top", "right", "bottom", "left"),
    "inset-block": ("top", "bottom"),
    "inset-inline": ("left", "right"),
    **{
        f"{box}-{axis}": tuple(f"{box}-{side}" for side in sides)
        for box in ("margin", "padding", "scroll-margin", "scroll-padding")
        for axis, sides in (("block", ("top", "bottom")), ("inline", ("left", "right")))
    },
}
# Selectors that make an old browser drop the whole rule.
MODERN = re.compile(
    r":(?:has\(|focus-visible|where\(|modal)|::(?:details-content|file-selector|view-)"
)
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LISTED = re.compile(r":(is|not)\(")


Boxes = dict[str, dict[str, str]]


@dataclass(frozen=True)
class Rule:
    """What stands before a brace, and what stands between the two."""

    head: str
    body: str


def lowered(css: str) -> str:
    """The same styles, as old browsers read them."""
    found = _rules(_COMMENT.sub("", css))
    boxes = _boxes(found)
    return "\n".join(_lowered(rule, boxes) for rule in found)


def _rules(css: str) -> list[Rule]:
    """The rules of a block, without what they hold."""
    found, start, depth, head = [], 0, 0, ""
    for at, sign in enumerate(css):
        if sign == "{":
            if depth == 0:
                head, start = css[start:at].strip(), at + 1
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                found.append(Rule(head, css[start:at].strip()))
                start = at + 1
    return found


def _lowered(rule: Rule, boxes: Boxes) -> str:
    if rule.head.startswith("@") and "{" in rule.body:
        if rule.head.startswith(("@keyframes", "@page")):
            return f"{rule.head} {{ {rule.body} }}"
        inner = _rules(rule.body)
        known = {**boxes, **_boxes(inner)}
        return f"{rule.head} {{\n" + "\n".join(_lowered(each, known) for each in inner) + "\n}"
    declarations = _declarations(rule.body)
    body = "; ".join(f"{name}: {value}" for name, value in _plain(declarations))
    if rule.head.startswith("@"):
        return f"{rule.head} {{ {body} }}"
    selectors = _selectors(rule.head)
    rules = [f"{', '.join(group)} {{ {body} }}" for group in _apart(selectors)]
    gap = dict(declarations).get("gap") or dict(declarations).get("column-gap")
    if gap:
        rules += _without_gap(selectors, gap, dict(declarations), boxes)
    return "\n".join(rules)


def _declarations(body: str) -> list[tuple[str, str]]:
    pairs = [each.partition(":") for each in _split(body, ";") if each.strip()]
    return [(name.strip(), value.strip()) for name, _, value in pairs]


def _plain(declarations: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The declarations without the shorthands of later years."""
    plain: list[tuple[str, str]] = []
    for name, value in declarations:
        if name in SIDES:
            values = _split(value, " ")
            sides = SIDES[name]
            # 1 to 4 values: what is missing repeats the value across.
            across = {1: (0, 0, 0, 0), 2: (0, 1, 0, 1), 3: (0, 1, 2, 1), 4: (0, 1, 2, 3)}
            chosen = across[len(values)][: len(sides)]
            plain += [(side, values[at]) for side, at in zip(sides, chosen, strict=True)]
        elif (name, value) == ("overflow-wrap", "anywhere"):
            plain += [(name, "break-word"), (name, value)]
        else:
            plain.append((name, value))
    return plain


def _selectors(head: str) -> list[str]:
    """The selectors of a rule, with every `:is()` and every list in `:not()` written out."""
    return [
        " ".join(each.split()) for selector in _split(head, ",") for each in _written_out(selector)
    ]


def _written_out(selector: str) -> list[str]:
    for found in _LISTED.finditer(selector):
        end = _closing(selector, found.end())
        options = _split(selector[found.end() : end], ",")
        before, after = selector[: found.start()], selector[end + 1 :]
        if _is_within_has(before):
            continue
        if found[1] == "is":
            return [each for one in options for each in _written_out(f"{before}{one}{after}")]
        if len(options) > 1:
            return _written_out(before + "".join(f":not({one})" for one in options) + after)
    return [selector]


def _is_within_has(before: str) -> bool:
    """Whether a `:has(` is still open here; what reads that reads `:is()` as well."""
    at = before.rfind(":has(")
    return at >= 0 and before[at:].count("(") > before[at:].count(")")


def _apart(selectors: list[str]) -> list[list[str]]:
    """What every browser reads, and what only newer ones do, in rules of their own."""
    old = [each for each in selectors if not MODERN.search(each)]
    new = [each for each in selectors if MODERN.search(each)]
    return [group for group in (old, new) if group]


def _boxes(rules: list[Rule]) -> Boxes:
    """What decides about gaps, by a selector and by the class that it is about."""
    found: Boxes = {}
    for rule in rules:
        if rule.head.startswith("@"):
            continue
        decisive = {
            name: value
            for name, value in _declarations(rule.body)
            if name in {"display", "flex-direction", "flex-wrap", "flex-flow"}
        }
        for selector in _selectors(rule.head) if decisive else ():
            for name in (selector, _subject(selector)):
                found.setdefault(name, {}).update(decisive)
    return found


def _subject(selector: str) -> str:
    """The class a selector is about: `.switches` for `[data-view="elder"] .switches`.

    The selector itself, where it is about an element of any class.
    """
    last = re.split(r"[\s>+~]+", selector.strip())[-1]
    return last if last.startswith((".", "#")) else selector


def _without_gap(selectors: list[str], gap: str, own: dict[str, str], boxes: Boxes) -> list[str]:
    """Margins where gaps between flex items are unknown. A grid's gap is older than that."""
    row, column = (_split(gap, " ") * 2)[:2]
    rules = []
    for selector in selectors:
        box = {**boxes.get(_subject(selector), {}), **boxes.get(selector, {}), **own}
        if "flex" not in box.get("display", "") or MODERN.search(selector):
            continue
        flow = f"{box.get('flex-direction', '')} {box.get('flex-flow', '')}"
        rules.append(f"{selector} {{ gap: 0 }}")
        if "column" in flow:
            rules.append(f"{selector} > * + * {{ margin-top: {row} }}")
        elif "wrap" in (box.get("flex-wrap"), *box.get("flex-flow", "").split()):
            margins = f"margin-right: {column}; margin-bottom: {row}"
            rules.append(f"{selector} > * {{ {margins} }}")
            rules.append(f"{selector} > :last-child {{ margin-right: 0; margin-bottom: 0 }}")
        else:
            rules.append(f"{selector} > * + * {{ margin-left: {column} }}")
    return [f"{OLD} {{", *rules, "}"] if rules else []


def _split(text: str, by: str) -> list[str]:
    """Parts between separators that stand outside of brackets and quotes, without empty ones."""
    parts, depth, quote, part = [], 0, "", ""
    for sign in text:
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "([":
            depth += 1
        elif sign in ")]":
            depth -= 1
        if (sign == by or (by == " " and sign.isspace())) and not depth and not quote:
            parts.append(part.strip())
            part = ""
        else:
            part += sign
    return [each for each in (*parts, part.strip()) if each]


def _closing(text: str, start: int) -> int:
    """Where the bracket closes that was opened before `start`."""
    depth = 1
    for at in range(start, len(text)):
        depth += (text[at] == "(") - (text[at] == ")")
        if depth == 0:
            return at
    raise ValueError(text)
