"""文稿: the forms in which an office keeps its documents true."""
