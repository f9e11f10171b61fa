"""Two answers in, differences out: pure, total and bounded. Knows nothing of live traffic, counting or judging."""
