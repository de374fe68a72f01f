"""How data/samples is made: page reads, office, paper and mail write, check compares."""
