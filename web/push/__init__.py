"""通知 on the page: who wants to be told, what they were told, and what the operator sees."""
