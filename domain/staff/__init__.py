"""工作人员: who works here, what they may do where, and what they did."""
