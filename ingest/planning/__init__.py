"""What an ingest will do, decided before anything is done: rules, selection, plan, cost."""
