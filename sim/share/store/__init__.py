"""What outlasts a session: scenarios, links, books, comments and who did what, in SQLite or PostgreSQL."""
