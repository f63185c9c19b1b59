"""One file a check of a `Picture`: one kind of trouble, and what it speaks for. Nobody imports them."""
