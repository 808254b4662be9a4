"""公开: what was published, by which steps, corrected, withdrawn and erased."""
