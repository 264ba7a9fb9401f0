"""One page a method: what it minimises, its settings, its paper, what it costs and what it did on bundled images."""

import ast
import importlib.util
import inspect
import re
from importlib import import_module
from pathlib import Path

from docs.generate import citations, results
from enigma.spec.methods import METHODS, Method, Recipe, Setting


def page(name: str) -> str:
    """The Markdown of a method's page.

    Raises:
        KeyError: there is no method of this name.
    """
    method = METHODS[name]
    parts = [
        f"# {method.title}",
        f"{method.summary}\n{{ .lead }}",
        f"```sh\nenigma run --method {name}\n```",
        "## What it does",
        formula(method.builder),
        "## Settings",
        settings(name),
        optimizer(name, method),
        "## Paper",
        paper(name),
        "## What it costs",
        _cost(name),
        "## On the bundled images",
        _grid(name),
        "## How it is built",
        f"::: {method.builder.replace(':', '.')}\n    options:\n      show_source: true\n      heading_level: 3",
    ]
    return "\n\n".join(parts) + "\n"


def formula(builder: str) -> str:
    """The docstring of the module that builds a method, and of the function that it points to for the formula."""
    text = module_docstring(builder.partition(":")[0])
    parts = [citations.linked(_paragraphs(text))]
    for path in re.findall(r"see `(enigma(?:\.\w+)+)`", text):
        module, _, function = path.rpartition(".")
        documented = inspect.getdoc(getattr(import_module(module), function)) or ""
        parts.append(f'??? info "`{function}`"\n\n' + _indented(f"```text\n{documented}\n```"))
    return "\n\n".join(parts)


def module_docstring(module: str) -> str:
    """Read from the file, so that nothing has to be imported for it."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise ValueError(f"Expected {module} to be a module of this project, but there is none of that name.")
    return ast.get_docstring(ast.parse(Path(found.origin).read_text(encoding="utf-8"))) or ""


def settings(name: str) -> str:
    """A table of what can be set, with ranges and defaults, and a command that sets one."""
    given = METHODS[name].settings
    if not given:
        return "It has none."
    rows = [[f"`{one.name}`", default(one), allowed(one), one.help] for one in given]
    example = next((one for one in reversed(given) if one.choices or isinstance(one.default, int | float)), given[0])
    value = example.choices[-1] if example.choices else example.default
    command = f"```sh\nenigma run --method {name} --set {example.name}={value}\n```"
    return results.table(["setting", "default", "range", "what it does"], rows, words=4) + "\n\n" + command


def default(setting: Setting) -> str:
    if setting.default is None:
        return "from the model"
    if isinstance(setting.default, tuple):
        return ", ".join(f"{value:g}" for value in setting.default)
    return f"{setting.default:.4g}" if isinstance(setting.default, float) else str(setting.default)


def allowed(setting: Setting) -> str:
    """The range in words.

    >>> allowed(Setting("q", 0.8, "", 1e-6, 1.0)), allowed(Setting("supports", 100, "", whole=True))
    ('1e-06 to 1', 'whole, 0 and above')
    """
    if setting.choices:
        return " or ".join(f"`{choice}`" for choice in setting.choices)
    top = f"to {setting.maximum:g}" if setting.maximum != float("inf") else "and above"
    return f"{'whole, ' if setting.whole else ''}{setting.minimum:g} {top}"


def optimizer(name: str, method: Method) -> str:
    """The paper's optimizers, and whether predictions depend on the batch."""
    batch = (
        "BatchNorm layers normalise with the batch alone, so a batch needs several images."
        if method.batch_statistics
        else "Predictions do not depend on the batch through BatchNorm."
    )
    if method.recipes is None:
        return f"It takes no optimizer. {batch}"
    small, large = (_recipe(recipe) for recipe in method.recipes)
    return f"Optimizer of its paper: {small} for CIFAR-like models, {large} for ImageNet-like ones. {batch}"


def paper(name: str) -> str:
    return "\n".join(f"- {line}" for line in citations.cited(name) or [citations.linked(METHODS[name].reference)])


def overview() -> str:
    """All methods in one table, each with a link to its page."""
    cost = results.read("method_cost").set_index("method")["times_tent"]
    rows = [
        [f"[{method.title}]({name}.md)", f"`{name}`", method.summary, cost.get(name, "–")]
        for name, method in METHODS.items()
    ]
    return results.table(["method", "name", "what it does", "times Tent"], rows, words=3)


def _recipe(recipe: Recipe) -> str:
    return f"{ {'adam': 'Adam', 'sgd': 'SGD'}[recipe.optimizer] } with {recipe.lr:g}"


def _cost(name: str) -> str:
    table = results.method_cost(name)
    note = "CPU time of a step relative to Tent's; see [what methods cost](../results/methods.md)."
    return f"{table}\n\n{note}" if table else "It has not been measured."


def _grid(name: str) -> str:
    table = results.methods(name)
    note = (
        "Accuracy in percent at frame 0, at the best frame and at the end, after 50 steps at severity 3, mean over "
        "five corruptions; see [all methods](../results/methods.md)."
    )
    return f"{table}\n\n{note}" if table else "It is not part of the recorded grid; it is made for unknown images."


def _paragraphs(text: str) -> str:
    """The docstring after its first line, its source apart."""
    head, _, rest = text.partition("\n\n")
    return re.sub(r"(?m)^(Sources?:)", r"\n\1", rest or head)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in text.splitlines())
