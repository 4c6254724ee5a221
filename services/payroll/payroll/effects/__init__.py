"""One file for each kind of work in the outside world: what is sent, asked, and written down."""
