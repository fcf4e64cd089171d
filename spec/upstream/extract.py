#!/usr/bin/env python3
"""List what the Array API standard says, sentence by sentence, as JSON.

Usage: python3 extract.py UPSTREAM_DIR REVISION

UPSTREAM_DIR is a checkout of the standard's repository, REVISION one of its revisions (`2025.12`).
The stub modules are read through `ast`, the topic pages as text; nothing of them is executed.
Three kinds of items come out, in the order of the text:

* `signature`: one for each function, in Python notation, without annotations but with defaults;
* `special`: one for each list item of a "Special cases" section;
* `keyword`: every other sentence with a normative keyword, or one that leaves something open.

The hash of an item is taken from its normalised text and the function (or topic page) that it stands in,
so that it survives new line breaks and mark-up, and so that equal sentences of two functions differ.

Beside the sentences, the pages of the revision's site are listed: those that are written, with the anchors of their sections,
and those that Sphinx generates for the entries of `autosummary` directives with the option `:toctree:`.
"""

import ast
import bisect
import hashlib
import json
import re
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

KEYWORD = re.compile(
    r"\b(must|should|may(?!\s+\d{4})|shall|recommended|recommends|required|unspecified|undefined|not\s+specified"
    r"|implementation[-\s](?:dependent|defined|specific))\b",
    re.IGNORECASE,
)
# Part of nearly every description, where it says only that the accuracy is not specified.
BOILERPLATE = re.compile(r"implementation-dependent\s+approximation", re.IGNORECASE)

BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[-*]|#\.)(?P<gap>\s+)(?=\S)")
NUMBERED = re.compile(r"(?P<indent>\s*)(?P<mark>\d+\.)(?P<gap>\s+)(?=\S)")
DIRECTIVE = re.compile(r"\s*\.\.\s+(?P<name>[\w-]+)::\s*(?P<argument>.*)$")
COMMENT = re.compile(r"\s*\.\.(\s|$)")
UNDERLINE = re.compile(r"\s*([=\-~^#*\"'`.:+_])\1{2,}\s*$")
TABLE = re.compile(r"\s*(\+[-=+]+\+?\s*$|\||=+(\s+=+)+\s*$)")
BOLD_HEADING = re.compile(r"\s*\*\*(?P<title>[^*]+)\*\*\s*:?\s*$")
FENCE = re.compile(r"\s*(```|~~~|:::)\s*(?P<info>.*)$")
DOCTEST = re.compile(r"\s*>>>( |$)")

# Directives whose body is text; that of every other directive is skipped.
# In these, the argument is the first line of the body, and in an admonition it is a title.
TEXT_DIRECTIVES = {"note", "warning", "important", "caution", "attention", "tip", "hint", "seealso", "admonition"}

ROLE = re.compile(r":[\w:+.-]+:`([^`]*)`|\{[\w:+.-]+\}`([^`]*)`")
LINK = re.compile(r"`([^`<]*)<[^`>]*>`_{1,2}")
MARKDOWN_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
# Mark-up within which no sentence ends.
OPAQUE = re.compile(
    r"``.*?``(?!`)|(?::[\w:+.-]+:|\{[\w:+.-]+\})?`[^`]*`_{0,2}|\[[^\]]*\]\([^)\s]*\)|<https?:[^>]*>"
)
SENTENCE_END = re.compile(r"[.!?][\"')\]*]*\s+(?=[\"'(\[*]*[A-Z\0])")
ABBREVIATION = re.compile(r"(?:\be\.g|\bi\.e|\bvs|\bcf|\bal|\bresp|\bFig|\bSec|\bNo)\.\s*$", re.IGNORECASE)


@dataclass
class Block:
    """A paragraph or list item: its lines with their numbers, and whether it is a special-case bullet."""

    lines: list[tuple[int, str]]
    special: bool = False


def indent_of(line: str) -> int:
    """The number of leading blanks of a line."""
    return len(line) - len(line.lstrip())


class Reader:
    """Splits reStructuredText or Markdown into blocks of running text."""

    def __init__(self, markdown: bool = False):
        self.markdown = markdown
        self.in_special = False
        self.blocks: list[Block] = []

    def read(self, lines: list[tuple[int, str]]) -> None:
        """Appends the blocks of `lines` (numbers and texts) to `self.blocks`."""
        at = 0
        after_list = False  # an indented Markdown block belongs to the list before it
        while at < len(lines):
            line = lines[at][1]
            if not line.strip():
                at += 1
            elif (end := self._skip(lines, at, after_list)) is not None:
                at = end
            elif item := self._item(lines, at):
                at = self._read_item(lines, at, item)
                after_list = True
            else:
                at = self._read_paragraph(lines, at)
                after_list = after_list and indent_of(line) > 0

    def _skip(self, lines: list[tuple[int, str]], at: int, after_list: bool) -> int | None:
        """The end of what starts here if it is no paragraph: a directive, comment, heading, table or code."""
        line = lines[at][1]
        if self.markdown:
            if fence := FENCE.match(line):
                return self._fence(lines, at, fence)
            if re.match(r"#+\s|\(.*\)=\s*$", line):
                self.in_special = False
                return at + 1
            if line.lstrip().startswith("<!--"):
                while at < len(lines) and "-->" not in lines[at][1]:
                    at += 1
                return at + 1
            if indent_of(line) >= 4 and not after_list:
                return self._body_end(lines, at, 3)
        else:
            if directive := DIRECTIVE.match(line):
                return self._directive(lines, at, directive)
            if COMMENT.match(line):
                return self._body_end(lines, at + 1, indent_of(line))
            if self._is_heading(lines, at):
                self.in_special = lines[at][1].strip().lower() == "special cases"
                return at + 2
        if UNDERLINE.match(line):  # a transition, or the line over a heading
            return at + 1
        if TABLE.match(line) or DOCTEST.match(line):
            while at < len(lines) and lines[at][1].strip():
                at += 1
            return at
        if (bold := BOLD_HEADING.match(line)) and (at + 1 == len(lines) or not lines[at + 1][1].strip()):
            self.in_special = bold["title"].strip().lower() == "special cases"
            return at + 1
        return None

    def _body_end(self, lines: list[tuple[int, str]], at: int, indent: int) -> int:
        """The end of the lines from `at` on that are blank or indented by more than `indent`."""
        while at < len(lines) and (not lines[at][1].strip() or indent_of(lines[at][1]) > indent):
            at += 1
        return at

    def _is_heading(self, lines: list[tuple[int, str]], at: int) -> bool:
        """Whether the line at `at` is underlined."""
        if at + 1 >= len(lines):
            return False
        return is_underline(lines[at][1], lines[at + 1][1])

    def _directive(self, lines: list[tuple[int, str]], at: int, directive: re.Match) -> int:
        """Reads the body of a directive where it is text, and returns the directive's end."""
        end = self._body_end(lines, at + 1, indent_of(lines[at][1]))
        if directive["name"].lower() in TEXT_DIRECTIVES:
            body = [(n, t) for n, t in lines[at + 1 : end] if not re.match(r"\s*:[\w-]+:(\s|$)", t)]
            if directive["argument"] and directive["name"].lower() != "admonition":
                indent = next((indent_of(t) for _, t in body if t.strip()), 0)
                body.insert(0, (lines[at][0], " " * indent + directive["argument"]))
            self._read_nested(body)
        return end

    def _fence(self, lines: list[tuple[int, str]], at: int, fence: re.Match) -> int:
        """Reads the body of a Markdown fence where it is a directive with text, and returns its end."""
        end = at + 1
        while end < len(lines) and lines[end][1].strip() != fence[1]:
            end += 1
        if (name := re.match(r"\{([\w-]+)\}", fence["info"])) and name[1].lower() in TEXT_DIRECTIVES:
            self._read_nested(lines[at + 1 : end])
        return end + 1

    def _read_nested(self, body: list[tuple[int, str]]) -> None:
        """Reads an indented body; a heading inside does not end the section around it."""
        outer = self.in_special
        dedented = textwrap.dedent("\n".join(text for _, text in body)).split("\n")
        self.read([(number, text) for (number, _), text in zip(body, dedented)])
        self.in_special = outer

    def _item(self, lines: list[tuple[int, str]], at: int) -> re.Match | None:
        """The marker of the list item that starts here; a number counts only where a paragraph may start."""
        if match := BULLET.match(lines[at][1]):
            return match
        return NUMBERED.match(lines[at][1])

    def _read_item(self, lines: list[tuple[int, str]], at: int, item: re.Match) -> int:
        """Reads a list item with all that is indented under it, and returns its end."""
        indent = len(item["indent"])
        first = [(lines[at][0], lines[at][1][item.end() :])]
        end = at + 1
        while end < len(lines) and lines[end][1].strip() and not BULLET.match(lines[end][1]):
            # Markdown allows lazy continuation lines.
            if indent_of(lines[end][1]) <= indent and not self.markdown:
                break
            first.append(lines[end])
            end += 1
        block = Block(first, self.in_special)
        self.blocks.append(block)
        inner = self._body_end(lines, end, indent)
        if inner > end:
            start = len(self.blocks)
            self._read_nested(lines[end:inner])
            if block.special:
                # Further paragraphs of a special case belong to it; lists nested in it stand for themselves.
                for further in [b for b in self.blocks[start:] if not b.special]:
                    block.lines += further.lines
                    self.blocks.remove(further)
        return inner

    def _read_paragraph(self, lines: list[tuple[int, str]], at: int) -> int:
        """Reads a paragraph: up to a blank line, a list item, or (but in Markdown) another indentation."""
        indent = indent_of(lines[at][1])
        end = at
        while end < len(lines) and (text := lines[end][1]).strip():
            if end > at and (BULLET.match(text) or FENCE.match(text) or (not self.markdown and COMMENT.match(text))):
                break
            if end > at and indent_of(text) != indent and not self.markdown:
                break
            end += 1
        block = [(n, re.sub(r"^\s*>\s?", "", t) if self.markdown else t) for n, t in lines[at:end]]
        literal = not self.markdown and block[-1][1].rstrip().endswith("::")
        if block[-1][1].strip() != "::":
            self.blocks.append(Block(block))
        return self._body_end(lines, end, indent) if literal else end


def join(block: Block) -> tuple[str, list[int], list[int]]:
    """The text of a block on one line, with the offsets at which its source lines start, and their numbers."""
    text, offsets, numbers = "", [], []
    for number, line in block.lines:
        line = re.sub(r"\s+", " ", line.strip())
        if not line:
            continue
        text += " " if text else ""
        offsets.append(len(text))
        numbers.append(number)
        text += line
    return text, offsets, numbers


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text with their offsets."""
    # A role, a literal or a link is opaque, and may start a sentence.
    masked = OPAQUE.sub(lambda m: "\0" * len(m[0]), text)
    result, start = [], 0
    for end in SENTENCE_END.finditer(masked):
        if not ABBREVIATION.search(masked[start : end.start() + 1]):
            result.append((start, text[start : end.end()].strip()))
            start = end.end()
    if text[start:].strip():
        result.append((start, text[start:].strip()))
    return result


def normalise(text: str) -> str:
    """The text without mark-up, in lower case."""

    def role(match: re.Match) -> str:
        target = match[1] if match[1] is not None else match[2]
        if titled := re.match(r"(.*?)\s*<[^>]*>$", target):
            return titled[1]
        return target[1:].rsplit(".", 1)[-1] if target.startswith("~") else target

    text = ROLE.sub(role, text)
    text = LINK.sub(r"\1", text)
    text = MARKDOWN_LINK.sub(r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"[`*]", "", text)).strip().lower()


def make_item(page: str, function: str | None, kind: str, text: str, line: int) -> dict:
    """One entry of the output."""
    key = f"{function or page}|{normalise(text)}"
    digest = hashlib.sha256(key.encode()).hexdigest()[:12]
    return {"page": page, "function": function, "kind": kind, "text": text, "hash": digest, "line": line}


def text_items(page: str, function: str | None, lines: list[tuple[int, str]], markdown: bool = False) -> list[dict]:
    """The `special` and `keyword` items of a docstring or page."""
    reader = Reader(markdown)
    reader.read(lines)
    items = []
    for block in reader.blocks:
        text, offsets, numbers = join(block)
        if not text:
            continue
        # Special cases are a matter of functions; on a topic page a list is but a list.
        if block.special and function:
            items.append(make_item(page, function, "special", text, numbers[0]))
            continue
        for offset, sentence in sentences(text):
            if KEYWORD.search(BOILERPLATE.sub("", sentence)):
                line = numbers[bisect.bisect_right(offsets, offset) - 1]
                items.append(make_item(page, function, "keyword", sentence, line))
    return items


def signature(node: ast.FunctionDef) -> str:
    """A function's signature without annotations (for a property its name)."""
    if any(isinstance(d, ast.Name) and d.id == "property" for d in node.decorator_list):
        return node.name
    for argument in arguments(node.args):
        argument.annotation = None
    return f"{node.name}({ast.unparse(node.args)})"


def arguments(args: ast.arguments) -> list[ast.arg]:
    """All parameters of a function."""
    variadic = [argument for argument in (args.vararg, args.kwarg) if argument]
    return [*args.posonlyargs, *args.args, *args.kwonlyargs, *variadic]


def function_items(page: str, prefix: str, node: ast.FunctionDef) -> list[dict]:
    """The items of one function or method."""
    name = prefix + node.name
    items = [make_item(page, name, "signature", signature(node), node.lineno)]
    if ast.get_docstring(node, clean=False) is not None:
        docstring = node.body[0].value
        # The first line stands right after the quotes; without blanks, it would have another indentation.
        first, *rest = docstring.value.expandtabs().split("\n")
        body = textwrap.dedent("\n".join(rest)).split("\n")
        lines = [(docstring.lineno + i, text) for i, text in enumerate([first.strip(), *body])]
        items += text_items(page, name, lines)
    return items


def module_items(path: Path) -> list[dict]:
    """The items of a stub module: of its functions, and of the methods of its classes."""
    items = []
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            items += function_items(path.stem, "", node)
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    items += function_items(path.stem, node.name.lstrip("_") + ".", method)
    return items


def extract(upstream: Path, revision: str) -> list[dict]:
    """All items of a revision, each once in its function or page."""
    items = []
    stubs = upstream / "src" / "array_api_stubs" / ("_" + revision.replace(".", "_"))
    for path in sorted(stubs.glob("*.py")):
        if not path.name.startswith("_"):
            items += module_items(path)
    pages = upstream / "spec" / revision
    for path in sorted(p for p in pages.rglob("*") if p.suffix in (".rst", ".md")):
        lines = path.read_text(encoding="utf-8").expandtabs().splitlines()
        page = path.relative_to(pages).with_suffix("").as_posix()
        items += text_items(page, None, list(enumerate(lines, 1)), markdown=path.suffix == ".md")
    if not items:
        raise SystemExit(f"extract.py: no text of revision {revision} in {upstream}")
    unique = {}
    for entry in items:
        unique.setdefault((entry["page"], entry["function"], entry["hash"]), entry)
    return list(unique.values())


AUTOSUMMARY_ITEM = re.compile(r"\s+~?([_a-zA-Z][a-zA-Z0-9_.]*)")
OPTION = re.compile(r"\s+:(?P<name>[\w-]+):\s*(?P<value>.*?)\s*$")


def generated_pages(folder: str, lines: list[str]) -> list[str]:
    """The pages that Sphinx generates for the `autosummary` directives of a page in `folder`.

    An entry is looked up in the current module, and its page is called by its full name below the folder that `:toctree:` names.
    """
    pages, module, at = [], "", 0
    while at < len(lines):
        directive = DIRECTIVE.match(lines[at])
        at += 1
        if not directive:
            continue
        if directive["name"] in ("currentmodule", "module", "automodule"):
            module = directive["argument"].strip() + "."
        elif directive["name"] == "autosummary":
            toctree, entries, indent = None, [], indent_of(lines[at - 1])
            while at < len(lines) and (not lines[at].strip() or indent_of(lines[at]) > indent):
                if option := OPTION.match(lines[at]):
                    toctree = option["value"] if option["name"] == "toctree" else toctree
                elif item := AUTOSUMMARY_ITEM.match(lines[at]):
                    entries.append(item[1])
                at += 1
            if toctree is not None:
                full = [name if name.startswith(module) else module + name for name in entries]
                pages += ["/".join(part for part in (folder, toctree, name) if part) for name in full]
    return pages


def anchors(lines: list[str]) -> list[str]:
    """The anchors of a page's sections, as docutils makes them of their titles; titles that stand there twice are left out."""
    pairs = zip(lines, lines[1:])
    titles = [title for title, below in pairs if title.strip() and not indent_of(title) and is_underline(title, below)]
    plain = [re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") for title in titles]
    return [anchor for anchor in plain if anchor and plain.count(anchor) == 1]


def is_underline(title: str, below: str) -> bool:
    """Whether a line makes the one above it the title of a section."""
    return bool(UNDERLINE.match(below)) and not UNDERLINE.match(title) and len(below.strip()) >= min(len(title.strip()), 3)


def site_pages(upstream: Path, revision: str) -> list[str]:
    """The pages of a revision's site, below its folder and without `.html`; those with an anchor as `page#anchor`."""
    root = upstream / "spec" / revision
    pages = []
    for path in sorted(p for p in root.rglob("*") if p.suffix in (".rst", ".md")):
        lines = path.read_text(encoding="utf-8").expandtabs().splitlines()
        page = path.relative_to(root).with_suffix("").as_posix()
        pages.append(page)
        if path.suffix == ".rst":
            folder = path.relative_to(root).parent.as_posix()
            pages += generated_pages("" if folder == "." else folder, lines)
            pages += [f"{page}#{anchor}" for anchor in anchors(lines)]
    return sorted(set(pages))


def main() -> None:
    """Prints the items of the revision named on the command line."""
    if len(sys.argv) != 3:
        raise SystemExit("usage: extract.py UPSTREAM_DIR REVISION")
    revision = sys.argv[2]
    output = {"revision": revision, "sentences": extract(Path(sys.argv[1]), revision), "pages": site_pages(Path(sys.argv[1]), revision)}
    json.dump(output, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
