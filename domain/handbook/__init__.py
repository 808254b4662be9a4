"""服务手册: the district's service items and their guides."""
