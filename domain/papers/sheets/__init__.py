"""手册表格: the whole handbook as a workbook, written, read again, and published from it."""
