"""文稿: the documents an office keeps true, with their drafts and versions."""
