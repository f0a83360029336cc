"""Looking things up: search engines, pages, and what keeps both from private networks."""
