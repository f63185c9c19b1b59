"""How calls find their way: names, Services and their ports, Ingresses; which are made, and which fail."""
