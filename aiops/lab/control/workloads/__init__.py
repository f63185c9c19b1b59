"""Controllers that make pods: as many as asked for, of the template asked for."""
