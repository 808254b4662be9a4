"""公开的办公端: writing, the steps, publishing, correcting and erasing."""
