"""`python -m api.cli`: the command line where no `kb` is on the path."""

from api.cli import main

main()
