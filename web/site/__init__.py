"""What a request needs: visits, answers, forms, pages, cookies, live streams."""
