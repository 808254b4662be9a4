"""诉求: anything a resident is owed an answer to.

A small core that keeps promises: a clock, who has a matter, what was said and promised, rounds,
retention. A feature composes them; none of them knows a feature.
"""
