"""What of a cell of code stands on a slide; the rule is told in slide_blocks.py."""

import ast
import re


def names(node):
    """Returns the names in a piece of code."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def says(node):
    """Returns whether a statement only prints a sentence, which is shown as it is printed."""
    if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call):
        return False
    texts = ast.Constant | ast.JoinedStr
    call = node.value
    return ast.unparse(call.func) == "print" and all(isinstance(a, texts) for a in call.args[:1])


def shown(source, fold):
    """Returns what of a cell of code a slide shows: no import, nothing that only draws or says."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:  # a magic
        return ""
    lines, kept, drawn = source.splitlines(), [], {"plotting", "live"}
    for node, before in zip(statements, [None, *statements], strict=False):
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.FunctionDef) and {"ax", "axes"} & {a.arg for a in node.args.args}:
            drawn.add(node.name)
            continue
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            if names(node) & drawn:
                if isinstance(node, ast.Assign):  # fig, ax = plotting.subplots()
                    drawn |= set().union(*map(names, node.targets))
                continue
            if (
                says(node)
                or fold > 1
                and (isinstance(node, ast.Assert) or "np.testing" in ast.unparse(node)[:10])
            ):
                continue
            if fold > 2:
                continue
        start = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
        first = before.end_lineno if before else 0
        gap = [line for line in lines[first:start] if before is not None or line.strip()]
        kept += [*gap, *lines[start : node.end_lineno]]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")
