"""Reports as workbooks (.xlsx): the parts that every programme's workbook is put together from.

`book` writes cells, `listing` a sheet of many rows, `sheets` those that all reports have, `form` the
bureau's own. Numbers are numbers, dates are dates, and no cell is ever a formula.
"""

from core.reports.workbook.book import Book, Mark
from core.reports.workbook.form import form_sheet
from core.reports.workbook.listing import Field, listing
from core.reports.workbook.sheets import dataset_sheet, notes_sheet, overview_sheet, tables_sheet

__all__ = [
    "Book",
    "Field",
    "Mark",
    "dataset_sheet",
    "form_sheet",
    "listing",
    "notes_sheet",
    "overview_sheet",
    "tables_sheet",
]
