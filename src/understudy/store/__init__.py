"""Where evidence is kept: SQLite in one file, or PostgreSQL. Tables and questions; nobody else writes SQL."""
