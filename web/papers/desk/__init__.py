"""The desk: one set of pages for every kind of document an office keeps true.

A person writes in a form that saves itself as their draft, looks at it as residents will,
reviews what changes, and publishes with a reason. Nothing typed is refused by the draft; only
publishing asks for everything to be right.
"""
