"""Every face of kb: the command line and the HTTP service."""
