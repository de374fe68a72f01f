"""Trees of values (JSON, YAML, XML) as text."""
