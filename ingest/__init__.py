"""From files to the catalog: sources, loaders, splitters, and the run that commits them in groups."""
