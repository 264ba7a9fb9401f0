"""`enigma runs explain`: a run in words."""

import click

from enigma.cli.options import JSON
from enigma.cli.output import print_json
from enigma.store.home import Home


@click.command()
@click.argument("run_id", metavar="RUN")
@JSON
@click.pass_obj
def explain(home: Home, run_id: str, as_json: bool) -> None:
    """Tell in words what happened in a run, and what changed in each phase.

    \b
    enigma runs explain RUN
    enigma runs explain RUN --json
    """
    from enigma.analysis.phases import table
    from enigma.analysis.phases.explanation import explanation
    from enigma.analysis.phases.measured import phases

    run = home.find(run_id)
    run.verify()
    found = phases(run)
    if as_json:
        print_json(table.as_json(found))
        return
    for sentence in explanation(found):
        click.echo(f"{sentence.topic}: {sentence.text}")
    heads = [f"{table.heading(found, phase)}: start | end | change" for phase in found.phases]
    click.echo(f"\n| measure | {' | '.join(heads)} |")
    click.echo(f"|---|{'---:|' * 3 * len(found.phases)}")
    for row in table.table(found):
        cells = " | ".join(text for texts in row.texts for text in texts)
        click.echo(f"| {row.metric.title} | {cells} |")
