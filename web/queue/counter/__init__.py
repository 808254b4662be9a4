"""The counter: signing on, calling, serving, and everything a clerk does with one key press.

A page of the desk is made of plain values, because it is also the answer to what was refused:
then the unit of work is rolled back, and nothing of its rows can be read any more.
"""
