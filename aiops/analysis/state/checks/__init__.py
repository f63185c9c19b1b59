"""One file a check of Kubernetes objects: what is wrong, in which field, and whose fault it is. Nobody imports them."""
