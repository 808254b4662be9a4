"""本页有误: what residents say is wrong on a page, for the people who write it."""
