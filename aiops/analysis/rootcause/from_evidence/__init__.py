"""What is wrong in a live cluster: the observations of all specialists and the call graph to ranked causes, each an
object with a mechanism."""
