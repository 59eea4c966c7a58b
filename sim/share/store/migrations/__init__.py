"""The steps from an empty database to today's tables; each is made once and never changed."""
