"""Tables as comma-separated values that a spreadsheet shows and does not run."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

# A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_text(table: "pd.DataFrame", **format: Any) -> str:
    """The table with a header and without its index; an apostrophe before text that would be taken for a formula.

    Args:
        table: whose numbers stay as they are.
        format: as `DataFrame.to_csv` takes it.
    """
    guarded = table.copy(deep=False)
    for name, column in table.select_dtypes(exclude="number").items():
        guarded[name] = column.map(_guarded)
    return guarded.rename(columns=_guarded).to_csv(index=False, lineterminator="\n", **format)


def _guarded(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    # Python puts no quotes around a carriage return, which ends a row to those who read it.
    return ("'" if cell.startswith(_FORMULA) else "") + cell.replace("\r", "\n")
