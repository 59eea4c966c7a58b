"""What outlasts a session: scenarios, links, books, comments, decisions, drafts and who did what."""
