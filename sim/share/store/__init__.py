"""What outlasts a session: scenarios, links, books, comments, decisions and who did what, in SQLite or PostgreSQL."""
