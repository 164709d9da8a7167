"""The API page, made from the docstrings: tidy signatures, each rule's own text, and names that link.

In a docstring a name in single backticks is a link where it is one of the page's: `Nesterov`, `Optimizer.step`,
`clip_by_value`. A name that begins with a capital must be (a broken one is a warning, and with -W the build fails),
any other is shown as code.

The methods are found: `method-table` is a table of all, `method-families` a section for each file of `optimlib.optimizers`,
the file with the shortest rule first. What a file's docstring says before its colon is the section's title.
"""

import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from docutils import nodes
from docutils.parsers.rst.states import Inliner
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.ext import napoleon
from sphinx.ext.napoleon.docstring import GoogleDocstring
from sphinx.util.docutils import SphinxDirective

from optimlib import optimizers
from optimlib.declaring import COMMON
from optimlib.optimizer import Optimizer

ROLE = "api-name"
NAMED = re.compile(r"[A-Z]\w*[a-z]\w*(\.\w+)*")
# In a call such as f(w, *batch) a star is no emphasis.
STAR = re.compile(r"(?<![*\w`\\])\*(?=\w+\))")
# A word in quotes is a value that an argument takes: code, whose quotes stay straight.
VALUE = re.compile(r'(?<![`\w=(\[])"([\w-]+)"(?![`\w])')
GOOGLE = napoleon.Config(
    napoleon_use_ivar=True,
    napoleon_attr_annotations=False,
    napoleon_custom_sections=["Source", "Elsewhere"],
)
SETTINGS = {
    "autodoc_typehints": "none",  # the docstrings say what an argument is
    "autosummary_generate": False,
    "autodoc_member_order": "bysource",
    "toc_object_entries_show_parents": "hide",
    "copybutton_prompt_text": r">>> |\.\.\. ",
    "copybutton_prompt_is_regexp": True,
    "default_role": ROLE,
}


def setup(app: Sphinx) -> None:
    """Read docstrings in Google's style, and add what the page has besides."""
    app.setup_extension("sphinx.ext.autodoc")
    app.setup_extension("sphinx.ext.autosummary")
    app.add_role(ROLE, name_role)
    app.add_directive("method-table", MethodTable)
    app.add_directive("method-families", MethodFamilies)
    app.connect("config-inited", configure, priority=300)
    app.connect("autodoc-process-signature", sign)
    app.connect("autodoc-process-docstring", read)
    app.connect("missing-reference", resolve)


def configure(app: Sphinx, config: Config) -> None:
    """Set what belongs together here and not in _config.yml."""
    for name, value in SETTINGS.items():
        setattr(config, name, value)


def families() -> dict[ModuleType, list[type[Optimizer]]]:
    """The methods by their file, simplest first."""
    found: dict[ModuleType, list[type[Optimizer]]] = {}
    for method in optimizers.METHODS.values():
        found.setdefault(sys.modules[method.__module__], []).append(method)
    return found


class MethodTable(SphinxDirective):
    """A table of all methods, each with the first sentence of its docstring."""

    def run(self) -> list[nodes.Node]:
        """Return the table; a file that is added to the methods' folder makes its page stale."""
        self.env.note_dependency(str(Path(optimizers.__file__).parent))
        names = [method.__name__ for found in families().values() for method in found]
        lines = "\n".join(f"   ~optimlib.{name}" for name in names)
        return rst(self, f".. autosummary::\n   :nosignatures:\n\n{lines}")


class MethodFamilies(SphinxDirective):
    """A section a file of methods: what the file's docstring says, then each method's own."""

    def run(self) -> list[nodes.Node]:
        """Return the sections."""
        return [self.section(*family) for family in families().items()]

    def section(
        self, module: ModuleType, methods: list[type[Optimizer]]
    ) -> nodes.section:
        """Return the section of one file."""
        said = " ".join((module.__doc__ or "").split("\n\n")[0].split())
        title, colon, rest = said.partition(": ")
        if not colon:
            raise self.error(
                f"the docstring of {module.__name__} begins {said!r}; allowed: a title, a colon and a sentence"
            )
        section = nodes.section(
            "", nodes.title("", title), ids=[nodes.make_id(title)], names=[]
        )
        section += nodes.paragraph("", rest[0].upper() + rest[1:])
        section += rst(
            self,
            "\n\n".join(f".. autoclass:: optimlib.{one.__name__}" for one in methods),
        )
        return section


def rst(directive: SphinxDirective, text: str) -> list[nodes.Node]:
    """Return the nodes of reStructuredText on a page of Markdown."""
    found: list[nodes.Node] = directive.parse_text_to_nodes(
        f"```{{eval-rst}}\n{text}\n```"
    )
    return found


def is_method(thing: Any) -> bool:
    """Whether it is an optimization method, or the class of all of them."""
    return isinstance(thing, type) and issubclass(thing, Optimizer)


def sign(app: Sphinx, what: str, name: str, thing: Any, *_: Any) -> Any:
    """The signature of a method: its own arguments and their defaults; those of all stand with `Optimizer`."""
    if not is_method(thing):
        return None
    own = COMMON
    if thing is not Optimizer:
        own = {k: v for k, v in thing.arguments().items() if k not in COMMON}
    return f"({', '.join(f'{k}={v!r}' for k, v in own.items())})", None


class Docstring(GoogleDocstring):
    """A docstring in Google's style, whose sections give no types: a colon is a colon."""

    def _consume_returns_section(self, preprocess_types: bool = False) -> list[Any]:
        lines = self._dedent(self._consume_to_next_section())
        return [("", "", lines)] if lines else []


def read(
    app: Sphinx, what: str, name: str, thing: Any, options: Any, lines: list[str]
) -> None:
    """Turn a docstring into what Sphinx reads; below that of a method stands its rule, folded."""
    kind = "method" if what in {"property", "attribute", "data"} else what
    lines[:] = [
        STAR.sub(r"\*", VALUE.sub(r'``"\1"``', line))
        if not line.lstrip().startswith((">>>", "..."))
        else line
        for line in lines
    ]
    config = cast(Config, GOOGLE)  # what it reads of Sphinx's
    lines[:] = Docstring(lines, config, app, kind, name, thing, options).lines()
    if is_method(thing) and thing is not Optimizer:
        lines += ["", ".. dropdown:: The rule as it runs", "   :class-container: rule"]
        lines += ["", "   .. code-block:: python", ""]
        lines += [f"      {line}".rstrip() for line in thing.text().splitlines()]
        lines += [""]


def name_role(
    name: str, rawtext: str, text: str, lineno: int, inliner: Inliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The role of single backticks: a reference to be resolved when all names are known."""
    env: BuildEnvironment = inliner.document.settings.env
    reference = addnodes.pending_xref(
        rawtext,
        nodes.literal(rawtext, text),
        refdomain="",
        reftype=ROLE,
        reftarget=text,
        refdoc=env.docname,
        module=env.ref_context.get("py:module"),
        cls=env.ref_context.get("py:class"),
    )
    reference.source, reference.line = inliner.reporter.get_source_and_line(lineno)  # type: ignore[attr-defined]
    return [reference], []


def resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.Node
) -> nodes.Node | None:
    """A link to what the name stands for, the name as code, or None for a broken one."""
    if node["reftype"] != ROLE:
        return None
    target = node["reftarget"].removesuffix("()")
    objects = env.get_domain("py").objects  # type: ignore[attr-defined]
    module, cls = node["module"], node["cls"]
    places = (f"{module}.{cls}", module, "optimlib", "optimlib.optimizer")
    near = [f"{place}.{target}" for place in places]
    named = NAMED.fullmatch(target)
    far = sorted(full for full in objects if named and full.endswith(f".{target}"))
    for full in (*near, *far):
        if full in objects:
            uri = app.builder.get_relative_uri(node["refdoc"], objects[full].docname)
            anchor = f"{uri}#{objects[full].node_id}"
            return nodes.reference("", "", content, refuri=anchor, internal=True)
    return None if named else content
