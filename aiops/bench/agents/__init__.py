"""Who is measured: the assistant and simple strategies, one file each."""
