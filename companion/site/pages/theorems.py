"""Theorems, proofs and exercises with addresses of their own, shown as those of headings are.

A theorem and an exercise have one by their label; a proof has that of the last theorem before it, and "-proof".
"""

from docutils import nodes
from sphinx.application import Sphinx

LINK = '<a class="headerlink" href="#{name}" title="Link to this {kind}">#</a>'


def setup(app: Sphinx) -> None:
    """Link them when their numbers are known."""
    app.connect("doctree-resolved", link)


def link(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Add the links to a page."""
    theorem = ""
    for node in list(doctree.findall(nodes.Element)):
        kinds = {"theorem", "exercise"} & {*node.get("classes", ())}
        if node.tagname == "proof_node":
            open_proof(node, f"{theorem}-proof")
        elif kinds and isinstance(node.children[0], nodes.title):
            kind = kinds.pop()
            theorem = node["ids"][0] if kind == "theorem" else theorem
            node.children[0].append(anchor(node["ids"][0], kind))


def open_proof(proof: nodes.Element, name: str) -> None:
    """Name a proof, and set its first word off from what it says."""
    box = next(proof.findall(nodes.admonition))
    box["ids"] = [name]
    first = next(box.findall(nodes.Text))
    rest = nodes.Text(f" {first.removeprefix('Proof.').lstrip()}")
    opening = [nodes.emphasis("", "Proof."), anchor(name, "proof"), rest]
    first.parent.replace(first, opening)


def anchor(name: str, kind: str) -> nodes.raw:
    """Return the link to what has this name."""
    return nodes.raw("", LINK.format(name=name, kind=kind), format="html")
